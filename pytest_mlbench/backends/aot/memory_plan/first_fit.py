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
) -> Plan:
    """Places the buffers in `order`.

    Each goes where the arena grows least; ties go to the tightest gap. With `upwards`, nothing is
    placed below the first buffer.
    """
    places: dict[int, int] = {}
    low = high = 0
    for number in order:
        size = buffers[number].aligned_size
        near = [n for n in neighbours[number] if n.number in places]
        at = _best_place(size, near, places, (low, high), upwards=upwards)
        places[number] = at
        low, high = min(low, at), max(high, at + size)
    return Plan(tuple(places[i] - low for i in range(len(buffers))), high - low)


def _best_place(
    size: int,
    near: Sequence[Neighbour],
    places: Mapping[int, int],
    arena: tuple[int, int],
    *,
    upwards: bool,
) -> int:
    low, high = arena
    # The open intervals in which the buffer must not begin.
    blocked_ranges = sorted((places[n.number] - n.below, places[n.number] + n.above) for n in near)
    # (size of the arena with this choice, size of the gap, offset)
    choices: list[tuple[int, int, int]] = []

    def consider(at: int, room: int) -> None:
        if not (upwards and at < 0):
            choices.append((max(high, at + size) - min(low, at), room, at))

    for first, last in _gaps(blocked_ranges, low - size, high):
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


def _gaps(
    blocked_ranges: Sequence[tuple[int, int]], lowest: int, highest: int
) -> Iterator[tuple[int, int]]:
    """The ranges of offsets outside all of `blocked_ranges`.

    They cover `lowest` to `highest`, or more if `blocked_ranges` extend further.
    """
    reach = min(lowest, blocked_ranges[0][0]) if blocked_ranges else lowest
    for first, last in blocked_ranges:
        if reach <= first:
            yield reach, first
        reach = max(reach, last)
    yield reach, max(reach, highest)
