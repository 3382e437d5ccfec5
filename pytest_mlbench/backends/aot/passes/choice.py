"""Chooses which convolutions run in bands, and of how many rows: those that lower the peak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .bands import Pair, heights, pairs, split

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .program import Program

NEARLY = 1.02
"""The fewest bands are taken whose peak is at most so many times the lowest one. A peak that does
not fall by as much is not worth the bands' constants and cycles."""


def in_bands(program: Program, bound: Callable[[Program], int]) -> Program:
    """`program` with bands wherever they lower its peak; `program` itself if they do not.

    `bound` returns the lower bound of the peak of a memory plan in bytes, which most plans
    reach. The pair that lowers it most is split first, until no pair lowers it further.
    """
    known = {pair: heights(program, pair) for pair in pairs(program)}
    if not any(known.values()):
        return program
    chosen: dict[Pair, int] = {}
    found, lowest = program, bound(program)
    while True:
        tried = {
            (pair, height): bound(_split(program, {**chosen, pair: height}))
            for pair in known
            for height in known[pair]
            if pair not in chosen
        }
        least = min(tried.values(), default=lowest)
        if least * NEARLY >= lowest:
            return found
        # Pairs and heights are in order: fewer bands come first.
        (pair, height), lowest = next(
            (which, size) for which, size in tried.items() if size <= least * NEARLY
        )
        chosen[pair] = height
        found = _split(program, chosen)


def _split(program: Program, chosen: Mapping[Pair, int]) -> Program:
    for pair, height in chosen.items():
        program = split(program, pair, height)
    return program
