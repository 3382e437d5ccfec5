"""Parses the bench's report of a run, and explains how a run failed. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mlbench.errors import SimulationFailed
from pytest_mlbench.firmware.bare_metal import traps
from pytest_mlbench.firmware.bare_metal.wire import Trap

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Status:
    """A line of the bench: `end` is 'exit', 'running', 'limit', 'trap', 'load', 'store', 'call' or
    'refused'; `cycles` and `instructions` are the bench's own counts since reset."""

    end: str
    code: int = 0
    address: int = 0
    pc: int = 0
    cycles: int = 0
    instructions: int = 0
    what: str = ""


def parse(text: str) -> Status | None:
    """The last line of `text` that the bench wrote; None if there is none."""
    return next(filter(None, map(_line, reversed(text.splitlines()))), None)


def _line(text: str) -> Status | None:
    try:
        return Status(**json.loads(text))
    except (ValueError, TypeError):
        return None


def reached(status: Status | None, locate: Callable[[int], str]) -> str:
    """How far a run came that was stopped at its time limit."""
    if status is None:
        return "it had not run a million cycles"
    name = locate(status.pc)
    at = f"{status.pc:#010x}" + (f" in {name}" if name else "")
    millions = status.cycles / 1e6
    return f"it had run {millions:,.0f} million cycles and was at pc {at}"


def failure(
    status: Status, core: str, *, during: str, locate: Callable[[int], str]
) -> SimulationFailed | None:
    """The error for a run that ended this way; None if the firmware ended by itself."""
    if status.end in {"load", "store"}:
        cause = {"load": 5, "store": 7}[status.end]
        error = traps.explain(Trap(cause, status.pc, status.address, during), locate)
        remedy = error.remedy.replace("SpikeTarget(", "CoreTarget(..., ")
        return traps.Trapped(error.what, remedy=remedy)
    name = locate(status.pc)
    at = f"at pc {status.pc:#010x}" + (f" in {name}" if name else "")
    if status.end == "trap":
        return traps.Trapped(
            f"the core {core} stopped with its trap signal {at}, in {during}: an illegal "
            "instruction, an ebreak or a misaligned access",
            remedy="Check that the code is built for the core's ISA",
        )
    if status.end == "call":
        return SimulationFailed(
            f"the firmware made an invalid call to the host (address {status.address:#010x}) "
            f"{at}, in {during}"
        )
    if status.end == "limit":
        return SimulationFailed(f"the run reached its limit of {status.cycles:,} cycles {at}")
    if status.end == "refused":
        return SimulationFailed(f"the core {core} cannot run it: {status.what}")
    return None
