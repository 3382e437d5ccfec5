"""The first screen: for each model and machine, the best case by cycles, by ROM and by RAM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mlbench.records.metrics import METRICS
from pytest_mlbench.records.relative import phrase

from .labels import by_machine, passed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_mlbench.records.metrics import Metric
    from pytest_mlbench.records.record import Record

BEST_BY = ("total_cycles", "rom_total", "ram_total")
"""The metrics by which a case can be the best of its model."""


@dataclass(frozen=True)
class Winner:
    """The best by `metric`: its value, the cases that have it, and the change from the reference
    (empty without one, or if the reference is as good)."""

    metric: Metric
    value: int
    cases: tuple[str, ...]
    change: str


@dataclass(frozen=True)
class Best:
    """One model on one machine: its winners, all its cases, and how many of them passed."""

    model: str
    winners: tuple[Winner, ...]
    cases: tuple[str, ...]
    passed: int


def best(records: Sequence[Record], against: Mapping[str, Record]) -> list[Best]:
    """Each model's winners; `against` is each case's reference, as `relative.partners` has it."""
    found = []
    for name, rows in by_machine(records).items():
        valid = [row for row in rows if passed(row)]
        winners = [winner for key in BEST_BY if (winner := _winner(METRICS[key], valid, against))]
        found.append(Best(name, tuple(winners), tuple(row.case for row in rows), len(valid)))
    return found


def _winner(metric: Metric, rows: Sequence[Record], against: Mapping[str, Record]) -> Winner | None:
    known = [row for row in rows if metric.key in row.metrics]
    if not known:
        return None
    value = min(row.metrics[metric.key] for row in known)
    first = [row for row in known if row.metrics[metric.key] == value]
    partner = against.get(first[0].case)
    change = ""
    if partner is not None and partner.case != first[0].case:
        change = phrase(metric, partner.metrics.get(metric.key), value)
    return Winner(metric, value, tuple(row.case for row in first), change)


def marks(found: Sequence[Best]) -> set[tuple[str, str]]:
    """(case, metric) of every winner, for marking the cells of a table."""
    return {(case, each.metric.key) for row in found for each in row.winners for case in each.cases}
