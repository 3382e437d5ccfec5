"""A history for a terminal. Pure, but for what `cause` reads."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from pytest_mlbench.records.columns import write
from pytest_mlbench.records.metrics import METRICS

from . import words
from .series import groups, steps, worse

if TYPE_CHECKING:
    from collections.abc import Callable

    from .series import History, Step

MOST = 20
"""Commits with steps, and regressions, that are shown."""

_COURSE, _LEAST = 32, 8


def render(found: History, cause: Callable[[Step], str], width: int = 80) -> str:
    """What is worse than before, what changed when and why, and each metric over time."""
    if not found.points:
        return "No case of this history is on this line of commits."
    parts = [
        _head(found, width),
        _regressions(found, width),
        _steps(found, cause, width),
        _courses(found, width),
    ]
    return "\n\n".join(part for part in parts if part)


def _head(found: History, width: int) -> str:
    first = min(point.at for points in found.points.values() for point in points)
    last = max(point.at for points in found.points.values() for point in points)
    text = (
        f"{len(found.points)} cases at {found.commits} commits, from "
        f"{words.commit(found.line[first])} to {words.commit(found.line[last])}"
    )
    if found.off:
        were = "commit with results is" if found.off == 1 else "commits with results are"
        text += f"\n{found.off} {were} not on this line and not shown"
    return "\n".join(line for part in text.split("\n") for line in _wrap(part, width, 0))


def _regressions(found: History, width: int) -> str:
    rows = words.regressions(worse(found), found)
    if not rows:
        return "Nothing is worse than before."
    lines = ["Worse than before:"]
    for row in rows[:MOST]:
        lines += _wrap(row, width, 2)
    if len(rows) > MOST:
        lines.append(f"  and {len(rows) - MOST} more")
    return "\n".join(lines)


def _steps(found: History, cause: Callable[[Step], str], width: int) -> str:
    made = groups(steps(found))
    places = list(dict.fromkeys(row.at for row in made))
    lines = ["Steps, newest first:"] if made else ["No steps: no number ever changed."]
    for at in places[:MOST]:
        lines += _wrap(words.commit(found.line[at]), width, 2)
        for row in made:
            if row.at != at:
                continue
            lines += _wrap(words.group(row), width, 4)
            if why := cause(row.example):
                lines += _wrap(why, width, 6)
            if missing := words.gap(row.example.unmeasured):
                lines += _wrap(missing, width, 6)
    if len(places) > MOST:
        lines.append(f"  and {len(places) - MOST} earlier commits with steps")
    return "\n".join(lines)


def _wrap(text: str, width: int, indent: int) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=" " * indent, subsequent_indent=" " * (indent + 4),
        break_on_hyphens=False, break_long_words=False,
    )  # fmt: skip


def _courses(found: History, width: int) -> str:
    first = min(point.at for points in found.points.values() for point in points)
    last = max(point.at for points in found.points.values() for point in points)
    lines = []
    still = 0
    for case, points in found.points.items():
        for metric in found.metrics:
            values = [p.result.metrics[metric] for p in points if metric in p.result.metrics]
            if len(set(values)) < 2:
                still += bool(values)
                continue
            lines.append((case, METRICS[metric].title, write(METRICS[metric], values[-1]), metric))
    wide = [max((len(row[at]) for row in lines), default=0) for at in range(3)]
    room = max(_LEAST, min(_COURSE, width - sum(wide) - 6))
    text = []
    for case, title, now, metric in lines:
        course = words.spark(found.points[case], metric, first, last, room)
        text.append(f"{case:<{wide[0]}}  {title:<{wide[1]}}  {now:>{wide[2]}}  {course}")
    if still:
        text.append(f"{still} more never changed" if lines else "")
    return "\n".join(filter(None, text))
