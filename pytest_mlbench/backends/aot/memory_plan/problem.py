"""The planning problem: buffers with lifetimes, and the pairs of buffers that may overlap.

This is dynamic storage allocation with known lifetimes. Two buffers that are live at the same step
must not share a byte, unless a kernel's order of reads and writes allows it: then the output may
overlap the input as long as it begins at least a given distance below it (Blacker et al., "Diagonal
Memory Optimisation", 2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pytest_mlbench.kernels.interface import ALIGNMENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Buffer:
    """`size` bytes that are live from step `first` to step `last`, both included."""

    size: int
    first: int
    last: int

    @property
    def aligned_size(self) -> int:
        """Its size rounded up to the alignment."""
        return aligned(self.size)

    def meets(self, other: Buffer) -> bool:
        """Is there a step at which both are live?"""
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True)
class BufferOverlap:
    """Buffer `output` may share bytes with buffer `source` when it starts at least `distance`
    bytes below it; with `exact`, when it starts exactly `distance` bytes below it."""

    output: int
    source: int
    distance: int = 0
    exact: bool = False


@dataclass(frozen=True)
class Plan:
    """`offsets[i]` is the offset of buffer i; `peak` is the size of the arena in bytes."""

    offsets: tuple[int, ...]
    peak: int


class Neighbour(NamedTuple):
    """A buffer that is live at the same time, and the allowed offsets relative to it:
    <= -below, >= above, or one in `at`."""

    number: int
    below: int
    above: int
    at: frozenset[int]


def aligned(size: int) -> int:
    """`size` rounded up to the alignment."""
    return -(-size // ALIGNMENT) * ALIGNMENT


def neighbours(
    buffers: Sequence[Buffer], overlaps: Sequence[BufferOverlap]
) -> tuple[tuple[Neighbour, ...], ...]:
    """The neighbours of each buffer. Only aligned offsets are allowed."""
    allowed: dict[tuple[int, int], list[BufferOverlap]] = {}
    for each in overlaps:
        allowed.setdefault((each.output, each.source), []).append(each)
    related = {pair for i, j in allowed for pair in ((i, j), (j, i))}
    sizes = [buffer.aligned_size for buffer in buffers]
    lives = [(j, buffer.first, buffer.last) for j, buffer in enumerate(buffers)]
    of_size = {size: _Plain(size, sizes) for size in sizes}
    found = []
    for i, first, last in lives:  # quadratic, so nothing is called for a pair that may not overlap
        plain = of_size[sizes[i]]
        near = [
            plain[j]
            for j, its_first, its_last in lives
            if its_first <= last and first <= its_last and i != j
        ]
        found.append(
            tuple(
                _eased(i, each, allowed) if (i, each.number) in related else each for each in near
            )
        )
    return tuple(found)


class _Plain(dict[int, Neighbour]):
    """Number -> the neighbour that shares no byte with buffers of `size`: one for all of them."""

    def __init__(self, size: int, sizes: Sequence[int]) -> None:
        super().__init__()
        self.size, self.sizes = size, sizes

    def __missing__(self, number: int) -> Neighbour:
        self[number] = Neighbour(number, self.size, self.sizes[number], frozenset())
        return self[number]


def _eased(
    i: int, other: Neighbour, allowed: Mapping[tuple[int, int], Sequence[BufferOverlap]]
) -> Neighbour:
    """The neighbour `other` of buffer `i`, with the offsets at which the two may overlap."""
    j, below, above, _ = other
    at: set[int] = set()
    for each in allowed.get((i, j), ()):
        if each.exact:
            at.add(-each.distance)
        else:
            below = min(below, aligned(each.distance))
    for each in allowed.get((j, i), ()):
        if each.exact:
            at.add(each.distance)
        else:
            above = min(above, aligned(each.distance))
    return Neighbour(j, below, above, frozenset(x for x in at if x % ALIGNMENT == 0))
