"""Where buffers lie in one arena: those that live at the same time must not overlap, unless a
kernel's order of reads and writes allows it.

The problem (dynamic storage allocation with known lifetimes) is NP-hard; greedy placement by size
is what memory planners for neural networks use (Pisarchyk and Lee, "Efficient Memory Management
for Deep Neural Net Inference", 2020, section 5). An output that may begin a distance before its
input turns the pair's two sizes into that distance (Blacker et al., "Diagonal Memory Optimisation",
2020). Several orders are tried, each with a search that moves forward whatever reached highest,
until the lower bound is met or the tries are used up. Everything is deterministic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pytest_mlbench.kernels.interface import ALIGNMENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_WORK = 250_000
"""Comparisons of two buffers that a search may cost: about a tenth of a second."""


@dataclass(frozen=True)
class Buffer:
    """`size` bytes that are needed from step `first` to step `last`, both included."""

    size: int
    first: int
    last: int

    def meets(self, other: Buffer) -> bool:
        """Whether both are needed at some step."""
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True)
class Overlap:
    """Buffer `output` may lie over buffer `source` if it begins `distance` bytes before it, or,
    unless `exact`, more. A place that is not aligned is never used."""

    output: int
    source: int
    distance: int = 0
    exact: bool = False


@dataclass(frozen=True)
class Plan:
    """`offsets[i]` is the place of buffer i; `peak` the bytes of the whole arena."""

    offsets: tuple[int, ...]
    peak: int


class _Neighbour(NamedTuple):
    """Another buffer, and where one may lie beside it: `below` bytes before its place or earlier,
    `above` bytes behind it or later, or just `at` one of these distances from it."""

    number: int
    below: int
    above: int
    at: frozenset[int]


def aligned(size: int) -> int:
    """`size` rounded up to the alignment."""
    return -(-size // ALIGNMENT) * ALIGNMENT


def lower_bound(buffers: Sequence[Buffer], overlaps: Iterable[Overlap] = ()) -> int:
    """The most bytes that are needed at one step, what may overlap counted once: no plan has a
    lower peak."""
    saved: dict[int, dict[int, int]] = {}
    for each in overlaps:
        output, source = buffers[each.output], buffers[each.source]
        if output.meets(source):
            common = min(aligned(source.size), aligned(output.size) - aligned(each.distance))
            of_step = saved.setdefault(max(output.first, source.first), {})
            of_step[each.output] = of_step.get(each.output, 0) + max(common, 0)
    steps = sorted({buffer.first for buffer in buffers})
    most = 0
    for step in steps:
        live = sum(aligned(b.size) for b in buffers if b.first <= step <= b.last)
        for number, common in saved.get(step, {}).items():
            live -= min(common, aligned(buffers[number].size))
        most = max(most, live)
    return most


def plan(buffers: Sequence[Buffer], overlaps: Sequence[Overlap] = ()) -> Plan:
    """The best plan found for `buffers`."""
    bound = lower_bound(buffers, overlaps)
    beside = _neighbours(buffers, overlaps)
    numbers = range(len(buffers))
    orders = [
        sorted(numbers, key=lambda i: (-buffers[i].size, buffers[i].first, i)),
        sorted(numbers, key=lambda i: (-_area(buffers[i]), buffers[i].first, i)),
        sorted(numbers, key=lambda i: (buffers[i].first - buffers[i].last, -buffers[i].size, i)),
        sorted(numbers, key=lambda i: (buffers[i].first, -buffers[i].size, i)),
        sorted(numbers, key=lambda i: (-buffers[i].last, -buffers[i].size, i)),
    ]
    cost = sum(len(near) ** 2 for near in beside) + len(buffers)
    tries = max(1, min(_WORK // (len(orders) * max(1, cost)), 200))
    best: Plan | None = None
    # Where nothing may overlap there is no reason to place anything below the first buffer.
    for floor in (True, False) if overlaps else (True,):
        for order in orders:
            found = _search(buffers, beside, order, bound, tries, floor=floor)
            if best is None or found.peak < best.peak:
                best = found
            if best.peak == bound:
                return best
    assert best is not None
    return best


def _area(buffer: Buffer) -> int:
    return buffer.size * (buffer.last - buffer.first + 1)


def _neighbours(
    buffers: Sequence[Buffer], overlaps: Sequence[Overlap]
) -> tuple[tuple[_Neighbour, ...], ...]:
    """For each buffer those that it meets."""
    allowed: dict[tuple[int, int], list[Overlap]] = {}
    for each in overlaps:
        allowed.setdefault((each.output, each.source), []).append(each)
    sizes = [aligned(buffer.size) for buffer in buffers]
    nowhere: frozenset[int] = frozenset()
    found = []
    for i, one in enumerate(buffers):
        near = []
        for j, other in enumerate(buffers):
            if i == j or not one.meets(other):
                continue
            below, above, at = sizes[i], sizes[j], nowhere
            for each in allowed.get((i, j), ()):
                if each.exact:
                    at |= {-each.distance}
                else:
                    below = min(below, aligned(each.distance))
            for each in allowed.get((j, i), ()):
                if each.exact:
                    at |= {each.distance}
                else:
                    above = min(above, aligned(each.distance))
            at = frozenset(place for place in at if place % ALIGNMENT == 0) if at else at
            near.append(_Neighbour(j, below, above, at))
        found.append(tuple(near))
    return tuple(found)


def _search(
    buffers: Sequence[Buffer],
    beside: Sequence[Sequence[_Neighbour]],
    order: list[int],
    bound: int,
    tries: int,
    *,
    floor: bool,
) -> Plan:
    """Places in `order`, then again with the buffer that reached highest placed first."""
    order = list(order)
    best: Plan | None = None
    for _ in range(tries):
        found = _place(buffers, beside, order, floor=floor)
        if best is None or found.peak < best.peak:
            best = found
        if best.peak == bound:
            break
        top = next(
            i for i in reversed(order) if found.offsets[i] + aligned(buffers[i].size) == found.peak
        )
        if order[0] == top:
            break
        order.remove(top)
        order.insert(0, top)
    assert best is not None
    return best


def _place(
    buffers: Sequence[Buffer],
    beside: Sequence[Sequence[_Neighbour]],
    order: Sequence[int],
    *,
    floor: bool,
) -> Plan:
    """Each buffer where the arena grows least, then where it has the least room to move; without
    `floor` also below the first one."""
    places: dict[int, int] = {}
    low = high = 0
    for number in order:
        size = aligned(buffers[number].size)
        near = [n for n in beside[number] if n.number in places]
        at = _best(size, near, places, (low, high), floor=floor)
        places[number] = at
        low, high = min(low, at), max(high, at + size)
    return Plan(tuple(places[i] - low for i in range(len(buffers))), high - low)


def _best(
    size: int,
    near: Sequence[_Neighbour],
    places: Mapping[int, int],
    ends: tuple[int, int],
    *,
    floor: bool,
) -> int:
    low, high = ends
    # Where the buffer must not begin, both ends excluded.
    taken = sorted((places[n.number] - n.below, places[n.number] + n.above) for n in near)
    # (what the arena grows to, room to move, place)
    choices: list[tuple[int, int, int]] = []

    def consider(at: int, room: int) -> None:
        if not (floor and at < 0):
            choices.append((max(high, at + size) - min(low, at), room, at))

    for first, last in _free(taken, low - size, high):
        room = min(last, high) - max(first, low)
        for at in {first, last, *(each for each in (low, high - size) if first <= each <= last)}:
            consider(at, room)
    for neighbour in near:
        for distance in neighbour.at:
            at = places[neighbour.number] + distance
            blocked = [n for n in near if -n.below < at - places[n.number] < n.above]
            if all(at - places[n.number] in n.at for n in blocked):
                consider(at, 0)
    return min(choices)[2]


def _free(taken: Sequence[tuple[int, int]], lowest: int, highest: int) -> Iterator[tuple[int, int]]:
    """The ranges of places that no range of `taken` holds, from `lowest` to `highest` or as far
    as `taken` goes."""
    reach = min(lowest, taken[0][0]) if taken else lowest
    for first, last in taken:
        if reach <= first:
            yield reach, first
        reach = max(reach, last)
    yield reach, max(reach, highest)
