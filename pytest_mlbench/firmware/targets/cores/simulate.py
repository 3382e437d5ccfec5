"""Runs a core's model: starts the program, shows its progress, and interprets its end."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench import process, progress
from pytest_mlbench.errors import MlbenchError, SimulationFailed
from pytest_mlbench.firmware.bare_metal import report as run_report
from pytest_mlbench.firmware.bare_metal import wire
from pytest_mlbench.firmware.elf.locate import locate

from . import status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_mlbench.firmware.target import Simulation


def simulate(
    command: Sequence[str | Path],
    samples: tuple[bytes, ...],
    *,
    core: str,
    title: str,
    outputs: tuple[int, ...],
    timeout: float,
) -> Simulation:
    """Runs `command` (the model, the firmware's ELF file and options) on `samples`.

    `title` is shown with the progress. Raises SimulationFailed, or Trapped for a trap.
    """
    elf = Path(command[1])
    with tempfile.TemporaryDirectory(prefix="mlbench-") as folder:
        report = Path(folder, "progress")
        with progress.step(title) as step, _watching(report, step):
            done = process.run(
                [*command, "--progress", report],
                timeout=timeout,
                stdin=b"".join(samples),
                output_limit=run_report.OUTPUT_SLACK + 2 * len(samples) * sum(outputs),
            )
        last = status.parse(report.read_text("utf-8")) if report.is_file() else None
    _check_end(done, last, elf, core, len(samples), timeout)
    return run_report.classify_exit(
        done, elf, samples=len(samples), outputs=outputs, timeout=timeout
    )


def _check_end(
    done: process.Finished,
    last: status.Status | None,
    elf: Path,
    core: str,
    samples: int,
    timeout: float,
) -> None:
    """Raises SimulationFailed for failures that only the bench can report."""

    def name(address: int) -> str:
        try:
            return locate(elf, address)
        except MlbenchError:
            return ""

    far = wire.progress(done.stdout)
    if done.timed_out:
        raise SimulationFailed(
            f"the simulation of {core} did not end within {timeout:g} s: {far}, of "
            f"{samples} samples; {status.reached(last, name)}",
            where=elf.name,
            remedy="Look for an endless loop, or give more time with --mlbench-timeout SECONDS",
        )
    end = status.parse(done.error_text)
    if end is None:
        return
    during = "setup" if not far.setup else f"run {far.runs + 1}"
    told = status.failure(end, core, during=during, locate=name)
    if told is not None:
        raise type(told)(told.what, where=elf.name, remedy=told.remedy)


@contextlib.contextmanager
def _watching(report: Path, step: progress.Step) -> Iterator[None]:
    """Updates `step` every second with the bench's progress."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(1.0):
            with contextlib.suppress(OSError):
                found = status.parse(report.read_text("utf-8"))
                if found is not None:
                    step.update(f"{found.cycles / 1e6:,.0f} million cycles")

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
