"""A history as one HTML page: step plots by metric and variant, and what made each step."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_mlbench._version import __version__
from pytest_mlbench.records.columns import write
from pytest_mlbench.records.metrics import METRICS
from pytest_mlbench.records.relative import percent
from pytest_mlbench.records.report.html_report import environment

from . import words
from .series import groups, steps, worse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .series import History, Point, Step

WIDTH, HEIGHT = 300, 44
_EDGE = 6

MOST_STEPS = 100
"""Commits with steps in the list; the plots show all."""


@dataclass(frozen=True)
class Mark:
    """A step on a plot: its place, whether it is for the worse, and its description."""

    x: float
    y: float
    kind: str
    text: str


@dataclass(frozen=True)
class Plot:
    """One metric of one case over the commits: an SVG path, its steps, first and last value."""

    path: str
    marks: tuple[Mark, ...]
    last: str
    change: str
    kind: str


def page(
    found: History, cause: Callable[[Step], str], *, title: str = "Benchmarks over time"
) -> str:
    """The page's text. `cause` says where a step comes from; it is asked once for each commit and
    metric."""
    made = steps(found)
    shown = groups(made)
    places = list(dict.fromkeys(row.at for row in shown))
    return environment().get_template("history.html").render(
        title=title,
        version=__version__,
        found=found,
        count=len(found.points),
        metrics=[METRICS[key] for key in found.metrics],
        worse=words.regressions(worse(found), found),
        changes=[
            (
                words.commit(found.line[at]),
                [
                    (words.group(row), cause(row.example), words.gap(row.example.unmeasured),
                     "bad" if row.example.worse else "good")
                    for row in shown
                    if row.at == at
                ],
            )
            for at in places[:MOST_STEPS]
        ],
        more=max(0, len(places) - MOST_STEPS),
        models=_models(found, made),
        tags=_tags(found),
        width=WIDTH,
        height=HEIGHT,
        span=_ends(found),
        commit=words.commit,
    )  # fmt: skip


def _ends(found: History) -> tuple[int, int]:
    places = [point.at for points in found.points.values() for point in points]
    return min(places, default=0), max(places, default=0)


def _x(at: int, ends: tuple[int, int]) -> float:
    first, last = ends
    return round(_EDGE + (WIDTH - 2 * _EDGE) * (at - first) / max(last - first, 1), 1)


def _tags(found: History) -> list[tuple[float, str]]:
    ends = _ends(found)
    return [
        (_x(at, ends), ", ".join(revision.tags))
        for at, revision in enumerate(found.line)
        if revision.tags and ends[0] <= at <= ends[1]
    ]


def _models(found: History, made: Sequence[Step]) -> list[tuple[str, list[tuple[str, Any]]]]:
    """[(model, [(case, a plot for each metric, None where there is no value)])]."""
    ends = _ends(found)
    of: dict[tuple[str, str], list[Step]] = {}
    for step in made:
        of.setdefault((step.case, step.metric), []).append(step)
    models: dict[str, list[tuple[str, Any]]] = {}
    for case, points in found.points.items():
        model = str(points[-1].result.params.get("model", ""))
        plots = [
            _plot(found, points, metric, of.get((case, metric), ()), ends)
            for metric in found.metrics
        ]
        models.setdefault(model, []).append((case, plots))
    return sorted(models.items())


def _plot(
    found: History,
    points: Sequence[Point],
    metric: str,
    made: Sequence[Step],
    ends: tuple[int, int],
) -> Plot | None:
    known = [(p.at, p.result.metrics[metric]) for p in points if metric in p.result.metrics]
    if not known:
        return None
    values = [value for _, value in known]
    low, high = min(values), max(values)

    def y(value: int) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(HEIGHT - _EDGE - share * (HEIGHT - 2 * _EDGE), 1)

    path = [f"M{_x(known[0][0], ends)},{y(values[0])}"]
    for (_, was), (at, now) in itertools.pairwise(known):
        if now != was:
            path.append(f"H{_x(at, ends)}V{y(now)}")
    path.append(f"H{_x(known[-1][0], ends)}")
    first, last = values[0], values[-1]
    better = METRICS[metric].better == "less"
    kind = "" if first == last else "bad" if (last > first) == better else "good"
    marks = tuple(
        Mark(
            _x(step.at, ends),
            y(step.now),
            "tools" if step.tools else "bad" if step.worse else "good",
            f"{words.place(found, step)}: {words.moved(metric, step.was, step.now)}",
        )
        for step in reversed(made)
    )
    change = "" if first == last else percent(first, last)
    return Plot("".join(path), marks, write(METRICS[metric], last), change, kind)
