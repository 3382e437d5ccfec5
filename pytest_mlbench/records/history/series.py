"""What changed at which commit. Pure."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mlbench.records.metrics import METRICS

from .revisions import Revision

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .store import Entry, Result

SHOWN = ("total_cycles", "rom_total", "ram_total")
"""The metrics that are shown unless others are named."""


@dataclass(frozen=True)
class Point:
    """One case at one measured commit: `at` is the commit's place on the line."""

    at: int
    result: Result


@dataclass(frozen=True)
class Step:
    """A metric of a case that differs from the previous measured commit.

    `before` and `at` are places on the line; the `unmeasured` commits between them have no result
    for the case. `tools` is True if toolchain, simulator, model or libraries changed, too: then no
    commit is blamed for the step.
    """

    case: str
    metric: str
    was: int
    now: int
    before: int
    at: int
    unmeasured: int
    tools: bool

    @property
    def worse(self) -> bool:
        """Whether it went the wrong way."""
        return (self.now > self.was) == (METRICS[self.metric].better == "less")

    @property
    def change(self) -> float:
        """The change relative to what it was, in percent; a step from nothing counts as 100."""
        return 100 * (self.now - self.was) / self.was if self.was else 100.0


@dataclass(frozen=True)
class Worse:
    """A metric of a case that is worse at the last commit than it was before.

    `best` is its best earlier value, `since` the place of the first bad commit: from there on it
    never was as good again. The `unmeasured` commits just before it may be the cause, too.
    """

    case: str
    metric: str
    best: int
    now: int
    since: int
    unmeasured: int


@dataclass(frozen=True)
class History:
    """A line of commits with the results that are known. `off` counts entries of other commits."""

    line: tuple[Revision, ...]
    points: Mapping[str, tuple[Point, ...]]
    metrics: tuple[str, ...]
    off: int = 0

    @property
    def commits(self) -> int:
        """How many commits have a result."""
        return len({point.at for points in self.points.values() for point in points})


def by_date(entries: Mapping[str, Entry]) -> list[Revision]:
    """A line of all commits that have results, by date: for a history without its repository."""
    rows = sorted(entries.values(), key=lambda entry: (entry.date, entry.commit))
    return [Revision(row.commit, row.date, row.subject) for row in rows]


def history(
    entries: Mapping[str, Entry],
    line: Sequence[Revision],
    *,
    metrics: Iterable[str] = (),
    words: Sequence[str] = (),
    last: int = 0,
) -> History:
    """The entries along `line`, oldest first; only cases whose name has all `words`, and only the
    `last` measured commits unless that is 0."""
    measured = [at for at, revision in enumerate(line) if revision.commit in entries]
    first = measured[-last] if last and len(measured) >= last else 0
    points: dict[str, list[Point]] = {}
    for at in measured:
        if at < first:
            continue
        for case, result in entries[line[at].commit].results.items():
            if all(word in case for word in words):
                points.setdefault(case, []).append(Point(at, result))
    return History(
        tuple(line),
        {case: tuple(points[case]) for case in sorted(points)},
        tuple(metrics) or SHOWN,
        len(entries) - len(measured),
    )


def steps(found: History) -> list[Step]:
    """Every step of every metric shown, newest first, then by metric and case."""
    made = []
    for case, points in found.points.items():
        for one, other in itertools.pairwise(points):
            if one.result.metrics == other.result.metrics:
                continue
            tools = one.result.identity != other.result.identity
            for metric in found.metrics:
                was, now = (each.result.metrics.get(metric) for each in (one, other))
                if was is not None and now is not None and was != now:
                    made.append(
                        Step(case, metric, was, now, one.at, other.at,
                             other.at - one.at - 1, tools)
                    )  # fmt: skip
    rank = {metric: number for number, metric in enumerate(found.metrics)}
    return sorted(made, key=lambda step: (-step.at, rank[step.metric], step.case))


def worse(found: History) -> list[Worse]:
    """What is worse now than it has been since the tools last changed, by first bad commit."""
    made = []
    for case, points in found.points.items():
        alike = _since_tools(points)
        for metric in found.metrics:
            if METRICS[metric].better != "less":
                continue
            known = [(p.at, p.result.metrics[metric]) for p in alike if metric in p.result.metrics]
            if len(known) < 2:
                continue
            best = min(value for _, value in known)
            now = known[-1][1]
            if now == best:
                continue
            last_good = max(number for number, (_, value) in enumerate(known) if value == best)
            since = known[last_good + 1][0]
            gap = since - known[last_good][0] - 1
            made.append(Worse(case, metric, best, now, since, gap))
    rank = {metric: number for number, metric in enumerate(found.metrics)}
    return sorted(made, key=lambda row: (-row.since, rank[row.metric], row.case))


def _since_tools(points: Sequence[Point]) -> Sequence[Point]:
    start = len(points) - 1
    while start > 0 and points[start - 1].result.identity == points[-1].result.identity:
        start -= 1
    return points[start:]


@dataclass(frozen=True)
class Group:
    """The steps of one metric at one commit; `example` is the one that changed most."""

    at: int
    metric: str
    steps: tuple[Step, ...]

    @property
    def example(self) -> Step:
        """The greatest change, a worse one before a better one."""
        return max(self.steps, key=lambda step: (step.worse, abs(step.change), step.case))


def groups(found: Sequence[Step]) -> list[Group]:
    """Steps put together by commit and metric, in the order of `found`."""
    made: dict[tuple[int, str], list[Step]] = {}
    for step in found:
        made.setdefault((step.at, step.metric), []).append(step)
    return [Group(at, metric, tuple(rows)) for (at, metric), rows in made.items()]
