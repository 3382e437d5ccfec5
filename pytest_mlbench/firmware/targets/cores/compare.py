"""Compares a core's run with Spike's run of the same firmware and samples. Pure.

They may differ in traps, in outputs, or in the number of instructions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.errors import SimulationFailed

if TYPE_CHECKING:
    from pytest_mlbench.firmware.target import Counters, Simulation

    from .core import Core


def check(core: Core, found: Simulation, spike: Simulation) -> None:
    """Raises SimulationFailed if an output or an instruction count differs.

    `found`, the core's run, may have fewer samples than `spike`. A profiled run is the sum of one
    counted region per operator and one for the remaining code.
    """
    regions = len(found.profile) + 1
    for number, (core_outputs, spike_outputs) in enumerate(
        zip(found.outputs, spike.outputs, strict=False)
    ):
        for index, (one, two) in enumerate(zip(core_outputs, spike_outputs, strict=True)):
            if one != two:
                raise _differ(core, f"sample {number}, output {index}, {_first(one, two)}")
    _counted(core, "setup", found.setup, spike.setup, 1)
    for number, (run, other) in enumerate(zip(found.runs, spike.runs, strict=False), 1):
        _counted(core, f"run {number}", run, other, regions)


def extra_instructions(found: Simulation, spike: Simulation) -> int:
    """How many more instructions than Spike the core counted in a run, at most."""
    pairs = zip(found.runs, spike.runs, strict=False)
    return max((run.instructions - other.instructions for run, other in pairs), default=0)


def only_on_the_core(core: Core, trap: SimulationFailed) -> SimulationFailed:
    """The error if the core trapped but Spike ran the same firmware to its end."""
    what = f"{trap.what}, on the core only: Spike ran the same to its end"
    return _differ(core, what, trap)


def only_on_spike(core: Core, trap: SimulationFailed) -> SimulationFailed:
    """The error if Spike trapped but the core did not."""
    return _differ(core, f"{trap.what}, on Spike only: the core ran the same to its end", trap)


def on_both(core: Core, trap: SimulationFailed) -> SimulationFailed:
    """The error if both trapped, with Spike's message."""
    return SimulationFailed(
        f"{trap.what}; the core {core.name} trapped as well", where=trap.where, remedy=trap.remedy
    )


def _counted(core: Core, what: str, one: Counters, two: Counters, regions: int) -> None:
    more = core.own_counts * regions
    if not 0 <= one.instructions - two.instructions <= more:
        allowed = f" (it may count up to {more} more)" if more else ""
        raise _differ(
            core,
            f"{what} took {one.instructions:,} instructions on the core and "
            f"{two.instructions:,} on Spike{allowed}",
        )


def _first(one: bytes, two: bytes) -> str:
    at = next(at for at, (a, b) in enumerate(zip(one, two, strict=True)) if a != b)
    return f"byte {at}: {one[at]:#04x} on the core, {two[at]:#04x} on Spike"


def _differ(core: Core, what: str, trap: SimulationFailed | None = None) -> SimulationFailed:
    where, remedy = (trap.where, trap.remedy) if trap else ("", "")
    return SimulationFailed(
        f"the core {core.name} and Spike disagree: {what}", where=where, remedy=remedy
    )
