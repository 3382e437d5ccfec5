"""Commits, steps and values as people read them. Pure text."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from pytest_mlbench.records.columns import write
from pytest_mlbench.records.metrics import METRICS
from pytest_mlbench.records.relative import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .revisions import Revision
    from .series import Group, History, Point, Step, Worse


def day(revision: Revision) -> str:
    """The commit's date, in UTC."""
    return dt.datetime.fromtimestamp(revision.date, dt.timezone.utc).date().isoformat()


def moved(metric: str, was: int, now: int) -> str:
    """`1,000 -> 1,100 (+10.0 %)`."""
    return f"{write(METRICS[metric], was)} -> {write(METRICS[metric], now)} ({percent(was, now)})"


def group(row: Group) -> str:
    """`Total Cycles: 8 cases worse, 1 better; most aww-aot-_-O3 1,000 -> 1,100 (+10.0 %)`."""
    bad = sum(step.worse for step in row.steps)
    parts = [
        f"{count} case{'' if count == 1 else 's'} {word}"
        for count, word in ((bad, "worse"), (len(row.steps) - bad, "better"))
        if count
    ]
    step = row.example
    most = "most " if len(row.steps) > 1 else ""
    return (
        f"{METRICS[row.metric].title}: {', '.join(parts)}; {most}{step.case} "
        f"{moved(step.metric, step.was, step.now)}"
    )


def gap(unmeasured: int) -> str:
    """A remark on commits in between that have no result."""
    if not unmeasured:
        return ""
    were = "commit before it was" if unmeasured == 1 else f"{unmeasured} commits before it were"
    the = "the " if unmeasured == 1 else ""
    return f"{the}{were} not measured: it may have been one of those"


def regression(rows: Sequence[Worse], found: History) -> str:
    """One sentence for what became worse by the same metric at the same commit: `Total ROM of 3
    cases since 1234567890 2026-11-27 Subject; most aww-aot-_-O3 34,494 -> 34,600 (+0.3 %)`."""
    first = max(rows, key=lambda row: ((row.now - row.best) / max(row.best, 1), row.case))
    title = METRICS[first.metric].title
    change = f"{first.case} {moved(first.metric, first.best, first.now)}"
    what = f"{title} of {len(rows)} cases; most {change}" if len(rows) > 1 else f"{title}: {change}"
    text = f"{what}; first bad commit {commit(found.line[first.since])}"
    unmeasured = max(row.unmeasured for row in rows)
    return f"{text} ({gap(unmeasured)})" if unmeasured else text


def regressions(rows: Sequence[Worse], found: History) -> list[str]:
    """Such sentences for all of `rows`, in their order."""
    made: dict[tuple[int, str], list[Worse]] = {}
    for row in rows:
        made.setdefault((row.since, row.metric), []).append(row)
    return [regression(each, found) for each in made.values()]


def place(found: History, step: Step) -> str:
    """The commit of a step: name, date, tags, subject."""
    return commit(found.line[step.at])


def commit(revision: Revision) -> str:
    """`1234567890 2026-11-27 v1.0 Subject`."""
    return " ".join([revision.short, day(revision), *revision.tags, revision.subject])


_BARS = "▁▂▃▄▅▆▇█"


def spark(points: Sequence[Point], metric: str, first: int, last: int, width: int) -> str:
    """The metric over time in `width` characters, from commit `first` to commit `last`; a blank
    before the first measurement."""
    known = [(p.at, p.result.metrics[metric]) for p in points if metric in p.result.metrics]
    if not known:
        return ""
    values = [value for _, value in known]
    low, high = min(values), max(values)
    span = max(last - first, 1)
    width = min(width, span + 1)
    letters = []
    number = -1
    for column in range(width):
        until = first + round(span * column / max(width - 1, 1))
        while number + 1 < len(known) and known[number + 1][0] <= until:
            number += 1
        share = (known[number][1] - low) / (high - low) if high > low else 0.0
        letters.append(" " if number < 0 else _BARS[min(7, int(share * 8))])
    return "".join(letters)
