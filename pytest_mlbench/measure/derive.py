"""Derives the metrics from what was built and what a run reported. Pure.

Means and ratios are integers, rounded to the nearest; halves round up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_mlbench.backends.interface import Generated
    from pytest_mlbench.firmware.target import Counters, Simulation
    from pytest_mlbench.options import Energy


def built(sizes: Mapping[str, int], generated: Generated) -> dict[str, int]:
    """The metrics that are known once the firmware is built.

    `sizes` comes from `elf.sections.sizes`. MACs are the backend's own count, or else the sum over
    its operators. A backend without a memory plan (peak and bound 0) gets no arena metrics.
    """
    metrics = dict(sizes)
    if generated.arena_peak or generated.arena_bound:
        metrics |= {"arena_peak": generated.arena_peak, "arena_bound": generated.arena_bound}
    if generated.operators and all("macs" in row for row in generated.operators):
        metrics["macs"] = sum(int(row["macs"]) for row in generated.operators)
    return {**metrics, **generated.metrics}


def ran(
    simulation: Simulation,
    metrics: Mapping[str, int],
    *,
    clock: int = 0,
    energy: Energy | None = None,
) -> dict[str, int]:
    """The metrics that a run adds; `metrics` are those known before, including MACs.

    `clock` is the frequency in hertz from which times are computed; 0 gives no times. `energy` is
    the user's figure for the energy per cycle.
    """
    found: dict[str, int] = {"stack_peak": simulation.stack_peak}
    for unit, setup, runs in (
        ("cycles", simulation.setup.cycles, [run.cycles for run in simulation.runs]),
        (
            "instructions",
            simulation.setup.instructions,
            [run.instructions for run in simulation.runs],
        ),
    ):
        found[f"setup_{unit}"] = setup
        if runs:
            run = mean(runs)
            found |= {
                f"run_{unit}": run,
                f"run_{unit}_min": min(runs),
                f"run_{unit}_max": max(runs),
                f"total_{unit}": setup + run,
            }
    if simulation.real and simulation.runs:
        found |= _of_hardware(simulation, found, clock, energy)
    macs = metrics.get("macs", 0)
    if macs and "run_instructions" in found:
        found["run_millinstructions_per_mac"] = ratio(found["run_instructions"] * 1000, macs)
    return found


def _of_hardware(
    simulation: Simulation, found: Mapping[str, int], clock: int, energy: Energy | None
) -> dict[str, int]:
    """Metrics that need cycles of real hardware: CPI, the core's event counters, time, energy."""
    cycles, instructions = found["run_cycles"], found["run_instructions"]
    more = {"run_millicycles_per_instruction": ratio(cycles * 1000, instructions)}
    for index, name in enumerate(simulation.events):
        if name:
            more[name] = mean([run.events[index] for run in simulation.runs])
    if clock:
        more["run_microseconds"] = ratio(cycles * 1_000_000, clock)
    if energy is not None:
        more["run_nanojoules"] = energy.nanojoules(cycles, clock)
    return more


def by_operator(counts: Sequence[Counters], steps: Sequence[int]) -> dict[int, Counters]:
    """Operator's index -> the sum of its counters; `steps` are the indices of `counts`. An operator
    without counters of its own runs as part of another."""
    found: dict[int, Counters] = {}
    for count, index in zip(counts, steps, strict=True):
        found[index] = found[index] + count if index in found else count
    return found


def operator(count: Counters, events: Sequence[str]) -> dict[str, int]:
    """What a profile adds to an operator's row. Events have the metric's name without `run_`."""
    row = {"cycles": count.cycles, "instructions": count.instructions}
    for name, value in zip(events, count.events, strict=False):
        if name:
            row[name.removeprefix("run_")] = value
    return row


def mean(values: Sequence[int]) -> int:
    """The mean as an integer."""
    return ratio(sum(values), len(values))


def ratio(number: int, by: int) -> int:
    """`number / by` rounded to the nearest integer, halves up; neither may be negative."""
    return (2 * number + by) // (2 * by)
