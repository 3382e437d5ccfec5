"""The end of a comparison: what regressed, improved, cannot be compared, is new or missing."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pytest_mlbench.records.metrics import METRICS

from . import sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .compare import CaseComparison

STATES = ("regressed", "failed", "missing", "incomparable", "improved", "changed", "new", "equal")
"""All states of a case, the most urgent first."""

_TITLES = {
    "regressed": "Regressed",
    "failed": "Failed",
    "missing": "Missing",
    "incomparable": "Not comparable",
    "improved": "Improved",
    "changed": "Changed, but allowed",
    "new": "New",
}


def counts(found: Iterable[CaseComparison]) -> str:
    """`8 compared: 1 regressed, 2 improved, 5 equal`."""
    rows = list(found)
    tally = [
        f"{number} {_TITLES.get(state, state).lower()}"
        for state in STATES
        if (number := sum(row.state == state for row in rows))
    ]
    return f"{len(rows)} case{'' if len(rows) == 1 else 's'}: {', '.join(tally) or 'none'}"


def summary(
    found: Sequence[CaseComparison],
    untouched: Sequence[str] = (),
    *,
    command: str = "",
    details: bool = False,
) -> str:
    """The text after a run or of `compare`: findings by state, one line each.

    `untouched` are cases of the baseline that this run did not select; with `details` it says where
    the changes come from.
    """
    lines = [counts(found)]
    for state in STATES:
        rows = [row for row in found if row.state == state]
        if not rows or state == "equal":
            continue
        lines.append(f"{_TITLES[state]}:")
        if state == "incomparable":
            lines += _by_difference(rows)
        elif state == "new":
            lines += [f"  {row.case}" for row in rows]
        else:
            for row in rows:
                lines.append(f"  {row.case}: {sentences.sentence(row)}")
                if details:
                    lines += [f"    {line}" for line in sentences.details(row).splitlines()]
    lines += _unmeasured(found)
    if untouched:
        lines.append(f"Not in this run: {_some(untouched)}")
    if command and any(row.state not in {"equal", "missing", "failed"} for row in found):
        lines.append(f"Accept all of it with: {command}")
    return "\n".join(lines)


def _by_difference(rows: Iterable[CaseComparison]) -> list[str]:
    """One line for each set of differences: a new compiler makes many cases incomparable at
    once."""
    groups: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        groups["; ".join(map(str, row.differences))].append(row.case)
    return [f"  {text}: {_some(cases)}" for text, cases in groups.items()]


def _unmeasured(found: Iterable[CaseComparison]) -> list[str]:
    groups: dict[str, list[str]] = defaultdict(list)
    for row in found:
        lost = [METRICS[change.metric].title for change in row.having("unmeasured")]
        if lost:
            groups[", ".join(lost)].append(row.case)
    return [f"Not measured this time: {text} of {_some(cases)}" for text, cases in groups.items()]


def _some(cases: Sequence[str], limit: int = 4) -> str:
    more = f" and {len(cases) - limit} more" if len(cases) > limit else ""
    return ", ".join(cases[:limit]) + more
