"""From cycles to time and energy, by figures that the user gives. Neither is measured."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_mlbench.options import Energy
    from pytest_mlbench.records.record import Record

HARDWARE = "run_millicycles_per_instruction"
"""The metric that only cycles of real hardware have."""


def milliseconds(cycles: int | None, clock: int) -> str:
    """Three decimals from 0.1 ms on, three significant digits below."""
    if cycles is None:
        return "-"
    time = 1000 * cycles / clock
    return f"{time:,.3f}" if time >= 0.1 or not time else f"{time:.3g}"


def microjoules(nanojoules: int) -> str:
    """Three decimals from 0.1 uJ on, three significant digits below."""
    energy = nanojoules / 1000
    return f"{energy:,.3f}" if energy >= 0.1 or not energy else f"{energy:.3g}"


def with_energy(records: Iterable[Record], energy: Energy | None, clock: int) -> list[Record]:
    """`records` with the energy of a run, for those with cycles of real hardware."""
    if energy is None:
        return list(records)
    return [
        replace(row, metrics={
            **row.metrics, "run_nanojoules": energy.nanojoules(row.metrics["run_cycles"], clock),
        })
        if HARDWARE in row.metrics and "run_cycles" in row.metrics
        else row
        for row in records
    ]  # fmt: skip
