"""Chooses which convolutions run in bands, and of how many rows: those that lower the peak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .bands import Pair, heights, pairs, split

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .program import Program

NEARLY = 1.02
"""A peak that is at most so many times the lowest one is as good: what lies between is not worth
more bands, with their constants and cycles, nor slower kernels."""


def in_bands(
    program: Program,
    bound: Callable[[Program], int],
    cost: Callable[[Program, int], float] = lambda _program, _limit: 0.0,
) -> Program:
    """`program` with bands wherever they lower its peak; `program` itself if they do not.

    `bound` returns the lower bound of the peak of a memory plan in bytes, which most plans
    reach. The pair that lowers it most is split first, until no pair lowers it further. Then each
    pair gets the height with the least `cost(program, limit)`, the instructions of a program whose
    peak is at most `limit` bytes.
    """
    known = {pair: heights(program, pair) for pair in pairs(program)}
    if not any(known.values()):
        return program
    chosen: dict[Pair, int] = {}
    lowest = bound(program)
    while True:
        tried = {
            (pair, height): bound(_split(program, {**chosen, pair: height}))
            for pair in known
            for height in known[pair]
            if pair not in chosen
        }
        least = min(tried.values(), default=lowest)
        if least * NEARLY >= lowest:
            return _cheapest(program, chosen, known, int(lowest * NEARLY), bound, cost)
        # Pairs and heights are in order: fewer bands come first.
        (pair, height), lowest = next(
            (which, size) for which, size in tried.items() if size <= least * NEARLY
        )
        chosen[pair] = height


def _cheapest(
    program: Program,
    chosen: dict[Pair, int],
    known: Mapping[Pair, Sequence[int]],
    limit: int,
    bound: Callable[[Program], int],
    cost: Callable[[Program, int], float],
) -> Program:
    """More bands may leave room for faster kernels."""
    if not chosen:
        return program
    for pair in chosen:
        tried = {height: _split(program, {**chosen, pair: height}) for height in known[pair]}
        low = {height: one for height, one in tried.items() if bound(one) <= limit}
        costs = {height: cost(one, limit) for height, one in low.items()}
        chosen[pair] = min(costs, key=lambda height: costs[height])
    return _split(program, chosen)


def _split(program: Program, chosen: Mapping[Pair, int]) -> Program:
    for pair, height in chosen.items():
        program = split(program, pair, height)
    return program
