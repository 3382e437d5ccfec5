"""Interprets the end of a run: a complete report, or a message that says what went wrong."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

from pytest_mlbench.errors import MlbenchError, SimulationFailed
from pytest_mlbench.firmware.elf.locate import locate

from . import traps, wire

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_mlbench import process
    from pytest_mlbench.firmware.target import Simulation

OUTPUT_SLACK = 16 << 20
"""Bytes that a run may write in addition to its outputs: a profile of 1,000 operators on 500
samples."""


def classify_exit(
    done: process.Finished, elf: Path, *, samples: int, outputs: tuple[int, ...], timeout: float
) -> Simulation:
    """The report of a finished simulator. Raises SimulationFailed unless the report is complete.

    A simulator that was interrupted prints the pc last, in hexadecimal.
    """
    where = elf.name
    if done.timed_out:
        raise SimulationFailed(
            f"the simulation did not end within {timeout:g} s "
            f"({wire.progress(done.stdout)}, of {samples} samples{_was_at(done, elf)})",
            where=where,
            remedy="Look for an endless loop, or give it more time with --mlbench-timeout SECONDS",
        )
    if done.flooded:
        raise SimulationFailed(
            f"the firmware writes too much output: more than {len(done.stdout)} bytes, beginning "
            f"with "
            f"{done.stdout[:16].hex(' ')} ({wire.progress(done.stdout)}, of {samples} samples)",
            where=where,
        )
    if done.returncode < 0:
        raise SimulationFailed(
            f"the simulator was killed by signal {_signal(-done.returncode)} "
            f"({wire.progress(done.stdout)})",
            where=where,
        )
    try:
        report = wire.parse(done.stdout, samples=samples, outputs=outputs)
    except SimulationFailed as error:
        raise SimulationFailed(
            error.what + _last_message(done), where=where, remedy=error.remedy
        ) from error
    if isinstance(report, wire.Trap):
        failure = traps.explain(report, lambda address: _name(elf, address))
        raise traps.Trapped(failure.what, where=where, remedy=failure.remedy, during=failure.during)
    if done.returncode != 0:
        raise SimulationFailed(
            f"the simulator ended with status {done.returncode}{_last_message(done)}", where=where
        )
    return report


def _last_message(done: process.Finished) -> str:
    """Spike's last message, unless it only reports the firmware's exit code."""
    lines = [line.strip() for line in done.error_text.splitlines() if line.strip()]
    words = [line for line in lines if not line.startswith("*** FAILED ***")]
    return f" (Spike says: {words[-1]})" if words else ""


def _was_at(done: process.Finished, elf: Path) -> str:
    """Where the program was at its time limit, if the simulator said it."""
    words = done.error_text.split()
    if not words or not re.fullmatch("0x[0-9a-f]{8,16}", words[-1]):
        return ""
    pc = int(words[-1], 16)
    name = _name(elf, pc)
    return f"; it was at pc {pc:#010x}" + (f" in {name}" if name else "")


def _name(elf: Path, address: int) -> str:
    try:
        return locate(elf, address)
    except MlbenchError:
        return ""


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
