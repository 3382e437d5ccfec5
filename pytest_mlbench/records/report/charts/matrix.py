"""Operators against variants: one matrix for each model and machine, heat by cycles. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_mlbench.records.gate.attribute import shape
from pytest_mlbench.records.report.profile import kernel

from .labels import by_machine, passed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_mlbench.records.record import Record

LEVELS = 8
"""Steps of heat, 0 for the coolest."""

_SPAN = 1000
"""Cells with this many times fewer cycles than the hottest have no heat."""


@dataclass(frozen=True)
class Cell:
    """One operator in one case. `value` is its cycles, None where they were not counted; `heat` is
    0 to `LEVELS - 1`; `share` is its part of the case's sum, in thousandths."""

    value: int | None
    kernel: str
    heat: int = 0
    share: int = 0


@dataclass(frozen=True)
class Line:
    """One operator in all cases."""

    index: int
    name: str
    shape: str
    macs: int
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Matrix:
    """One model's operators on one machine.

    `cases` are the columns; `sums` the operators' cycles of each and `measured` its Run Cycles;
    `counted` says whether cycles are known at all.
    """

    model: str
    cases: tuple[str, ...]
    lines: tuple[Line, ...]
    sums: tuple[int | None, ...]
    measured: tuple[int | None, ...]
    counted: bool


def matrices(records: Sequence[Record]) -> list[Matrix]:
    """A matrix for every model that has operators; only cases that passed have a column."""
    found = []
    known = [row for row in records if row.operators and passed(row)]
    for name, rows in by_machine(known).items():
        counted = [row for row in rows if any("cycles" in each for each in row.operators)]
        found.append(_matrix(name, counted or rows, bool(counted)))
    return found


def _matrix(model: str, rows: Sequence[Record], counted: bool) -> Matrix:
    tables = [{_place(each): each for each in row.operators} for row in rows]
    places = sorted({place for table in tables for place in table})
    hottest = max((int(e.get("cycles", 0)) for table in tables for e in table.values()), default=0)
    sums = [
        sum(int(e["cycles"]) for e in table.values() if "cycles" in e) if counted else None
        for table in tables
    ]
    lines = []
    for place in places:
        known = next(table[place] for table in tables if place in table)
        cells = [
            _cell(table.get(place), hottest, total)
            for table, total in zip(tables, sums, strict=True)
        ]
        index, name, form = place
        lines.append(Line(index, name, form, int(known.get("macs", 0)), tuple(cells)))
    return Matrix(
        model,
        tuple(row.case for row in rows),
        tuple(lines),
        tuple(sums),
        tuple(row.metrics.get("run_cycles") for row in rows),
        counted,
    )


def _place(row: Mapping[str, Any]) -> tuple[int, str, str]:
    return int(row["index"]), str(row["name"]), shape(row)


def _cell(row: Mapping[str, Any] | None, hottest: int, total: int | None) -> Cell | None:
    if row is None:
        return None
    if "cycles" not in row:
        return Cell(None, kernel(row))
    cycles = int(row["cycles"])
    share = round(1000 * cycles / total) if total else 0
    return Cell(cycles, kernel(row), heat(cycles, hottest), share)


def heat(value: int, hottest: int) -> int:
    """The step of heat on a logarithmic scale that ends at `hottest`."""
    if value <= 0 or hottest <= 0:
        return 0
    place = 1 + math.log(value / hottest) / math.log(_SPAN)
    return max(0, min(LEVELS - 1, math.floor(place * LEVELS)))
