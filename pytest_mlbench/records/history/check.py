"""Comparing the newest commit with the best of the last few, so that slow growth is found. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.errors import UsageError
from pytest_mlbench.records.gate.compare import compare
from pytest_mlbench.records.metrics import METRICS
from pytest_mlbench.records.record import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_mlbench.records.gate.compare import CaseComparison
    from pytest_mlbench.records.gate.tolerance import Rules

    from .series import History, Point

LAST = 10
"""How many measured commits before the newest one count."""


def check(found: History, rules: Rules, *, last: int = LAST) -> list[CaseComparison]:
    """Compare each case of the newest measured commit with the best of each metric in the `last`
    commits before it that have the case. Raises UsageError when there is nothing to compare."""
    newest = max((points[-1].at for points in found.points.values()), default=-1)
    made = []
    for case, points in found.points.items():
        before = [point for point in points if point.at < newest][-last:]
        if points[-1].at != newest:
            continue
        if before:
            made.append(compare(_best(case, before), _record(case, points[-1]), rules))
    if not made:
        raise UsageError(
            "no case was measured at two commits: there is nothing to check",
            remedy="Add the results of another commit with `history add`",
        )
    return made


def _record(case: str, point: Point) -> Record:
    result = point.result
    return Record(case, result.params, "passed", metrics=result.metrics, provenance=result.identity)


def _best(case: str, points: Sequence[Point]) -> Record:
    """The last of `points`, with the best value of each metric among comparable points."""
    last = _record(case, points[-1])
    alike = [p for p in points if p.result.identity == points[-1].result.identity]
    metrics = dict(last.metrics)
    for key in metrics:
        values = [p.result.metrics[key] for p in alike if key in p.result.metrics]
        if key in METRICS and METRICS[key].better == "less":
            metrics[key] = min(values)
    return Record(case, last.params, "passed", metrics=metrics, provenance=last.provenance)
