"""Where buffers lie in one arena: those that live at the same time must not overlap.

The problem (dynamic storage allocation with known lifetimes) is NP-hard; greedy placement by size
is what memory planners for neural networks use (Pisarchyk and Lee, "Efficient Memory Management
for Deep Neural Net Inference", 2020, section 5). Here several orders are tried, each with a search
that moves forward whatever reached highest, until the lower bound is met or the tries are used up.
Everything is deterministic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ALIGNMENT = 16
"""Every buffer starts at a multiple of this many bytes."""

_WORK = 2_000_000
"""Comparisons of two buffers that a search may cost: some tenths of a second at most."""


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
class Plan:
    """`offsets[i]` is the place of buffer i; `peak` the bytes of the whole arena."""

    offsets: tuple[int, ...]
    peak: int


def aligned(size: int) -> int:
    """`size` rounded up to the alignment."""
    return -(-size // ALIGNMENT) * ALIGNMENT


def lower_bound(buffers: Iterable[Buffer]) -> int:
    """The most bytes that are needed at one step: no plan has a lower peak."""
    changes: dict[int, int] = {}
    for buffer in buffers:
        changes[buffer.first] = changes.get(buffer.first, 0) + aligned(buffer.size)
        changes[buffer.last + 1] = changes.get(buffer.last + 1, 0) - aligned(buffer.size)
    live = most = 0
    for step in sorted(changes):
        live += changes[step]
        most = max(most, live)
    return most


def plan(buffers: Sequence[Buffer]) -> Plan:
    """The best plan found for `buffers`."""
    bound = lower_bound(buffers)
    numbers = range(len(buffers))
    orders = [
        sorted(numbers, key=lambda i: (-buffers[i].size, buffers[i].first, i)),
        sorted(numbers, key=lambda i: (-_area(buffers[i]), buffers[i].first, i)),
        sorted(numbers, key=lambda i: (buffers[i].first - buffers[i].last, -buffers[i].size, i)),
        sorted(numbers, key=lambda i: (buffers[i].first, -buffers[i].size, i)),
        sorted(numbers, key=lambda i: (-buffers[i].last, -buffers[i].size, i)),
    ]
    tries = max(1, _WORK // (len(orders) * max(1, len(buffers)) ** 2))
    best: Plan | None = None
    for order in orders:
        found = _search(buffers, order, bound, min(tries, 200))
        if best is None or found.peak < best.peak:
            best = found
        if best.peak == bound:
            break
    assert best is not None
    return best


def _area(buffer: Buffer) -> int:
    return buffer.size * (buffer.last - buffer.first + 1)


def _search(buffers: Sequence[Buffer], order: list[int], bound: int, tries: int) -> Plan:
    """Places in `order`, then again with the buffer that reached highest placed first."""
    order = list(order)
    best: Plan | None = None
    for _ in range(tries):
        found = _place(buffers, order)
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


def _place(buffers: Sequence[Buffer], order: Sequence[int]) -> Plan:
    """Each buffer in the smallest gap that holds it among those it meets, else on top of them."""
    offsets = [0] * len(buffers)
    placed: list[int] = []
    peak = 0
    for number in order:
        buffer = buffers[number]
        size = aligned(buffer.size)
        taken = sorted(
            (offsets[other], offsets[other] + aligned(buffers[other].size))
            for other in placed
            if buffer.meets(buffers[other])
        )
        end = 0
        gap: tuple[int, int] | None = None
        for start, stop in taken:
            room = start - end
            if room >= size and (gap is None or room < gap[0]):
                gap = (room, end)
            end = max(end, stop)
        offsets[number] = gap[1] if gap else end
        peak = max(peak, offsets[number] + size)
        placed.append(number)
    return Plan(tuple(offsets), peak)
