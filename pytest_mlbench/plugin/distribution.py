"""Which worker gets which case first, where xdist hands out runs of neighbours (worksteal).

Neighbours in a matrix are one model with other options, so that they cost alike. Dealt out like
cards, to and fro, every worker begins with some of each.
"""

from __future__ import annotations


def dealt(count: int, hands: int) -> list[int]:
    """The numbers below `count` such that `hands` equal runs of them hold one of every round."""
    hand_of = [
        place if turn % 2 == 0 else hands - 1 - place
        for turn, place in (divmod(number, hands) for number in range(count))
    ]
    return sorted(range(count), key=lambda number: (hand_of[number], number))
