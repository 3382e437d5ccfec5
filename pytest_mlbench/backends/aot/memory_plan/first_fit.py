"""Places one buffer after another, each where the arena grows least."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .problem import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .problem import Buffer, Neighbour


def place_all(
    buffers: Sequence[Buffer],
    neighbours: Sequence[Sequence[Neighbour]],
    order: Sequence[int],
    *,
    upwards: bool,
    below: int | None = None,
) -> Plan | None:
    """Places the buffers in `order`.

    Each goes where the arena grows least; ties go to the tightest gap. With `upwards`, nothing is
    placed below the first buffer. None as soon as the peak is not under `below`.
    """
    places: dict[int, int] = {}
    low = high = 0
    for number in order:
        size = buffers[number].aligned_size
        at = _best_place(size, neighbours[number], places, (low, high), upwards=upwards)
        places[number] = at
        low, high = min(low, at), max(high, at + size)
        if below is not None and high - low >= below:
            return None
    return Plan(tuple(places[i] - low for i in range(len(buffers))), high - low)


def _best_place(
    size: int,
    neighbours: Sequence[Neighbour],
    places: Mapping[int, int],
    arena: tuple[int, int],
    *,
    upwards: bool,
) -> int:
    # A search asks this tens of thousands of times, for hundreds of neighbours each: so no function
    # is called per neighbour.
    low, high = arena
    # The open intervals in which the buffer must not begin.
    blocked = [(places[j] - b, places[j] + a) for j, b, a, _ in neighbours if j in places]
    blocked.sort()
    # (size of the gap, offset)
    found: list[tuple[int, int]] = [(0, at) for at in _exact(neighbours, places)]
    for first, last in _gaps(blocked, low - size, high):
        room = min(last, high) - max(first, low)
        found += [(room, at) for at in (first, last)]
        found += [(room, at) for at in (low, high - size) if first <= at <= last]
    return min(
        (max(high, at + size) - min(low, at), room, at)  # the size of the arena comes first
        for room, at in found
        if not (upwards and at < 0)
    )[2]


def _gaps(
    blocked: Sequence[tuple[int, int]], lowest: int, highest: int
) -> Iterator[tuple[int, int]]:
    """The ranges of offsets outside all of `blocked`, which is sorted.

    They cover `lowest` to `highest`, or more if `blocked` extends further.
    """
    reach = min(lowest, blocked[0][0]) if blocked else lowest
    for first, last in blocked:
        if reach <= first:
            yield reach, first
        if last > reach:
            reach = last
    yield reach, max(reach, highest)


def _exact(neighbours: Sequence[Neighbour], places: Mapping[int, int]) -> Iterator[int]:
    """The offsets in some neighbour's `at` that no other neighbour forbids."""
    for number, _, _, at in neighbours:
        if at and number in places:
            for distance in at:
                offset = places[number] + distance
                if all(
                    offset - places[n.number] in n.at
                    for n in neighbours
                    if n.number in places and -n.below < offset - places[n.number] < n.above
                ):
                    yield offset
