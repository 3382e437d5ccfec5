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
    from collections.abc import Sequence


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
    nowhere: frozenset[int] = frozenset()
    found = []
    for i, one in enumerate(buffers):
        near = []
        for j, other in enumerate(buffers):
            if i == j or not one.meets(other):
                continue
            below, above, at = one.aligned_size, other.aligned_size, nowhere
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
            near.append(Neighbour(j, below, above, at))
        found.append(tuple(near))
    return tuple(found)
