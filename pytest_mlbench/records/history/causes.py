"""Where a step comes from: the symbol, the operator, the flags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.records.gate import attribute
from pytest_mlbench.records.gate.compare import incomparable
from pytest_mlbench.records.gate.sentences import shift_text
from pytest_mlbench.records.metrics import METRICS

from . import store

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_mlbench.records.gate.attribute import Shift

    from .series import History, Step


def cause(folder: Path, found: History, step: Step) -> str:
    """What changed with the step, in a few words; empty when nothing that is known did."""
    results = {point.at: point.result for point in found.points[step.case]}
    old, new = (store.detailed(folder, step.case, results[at]) for at in (step.before, step.at))
    if step.tools and (differences := incomparable(old, new)):
        return "; ".join(map(str, differences))
    parts = []
    if METRICS[step.metric].unit != "bytes":
        parts += _most(attribute.operators(old, new), step.worse)
    parts += _most(attribute.symbols(old, new), step.worse)
    parts += [shift_text(shift) for shift in attribute.flags(old, new)[:1]]
    return "; ".join(parts)


def _most(shifts: list[Shift], worse: bool) -> list[str]:
    """The biggest change in the direction of the step."""
    chosen = [shift for shift in shifts if (shift.change > 0) == worse and shift.change]
    if not chosen:
        return []
    return [shift_text(max(chosen, key=lambda shift: (abs(shift.change), shift.name)))]
