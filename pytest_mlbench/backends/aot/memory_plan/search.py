"""The best plan over all orders.

The problem is NP-hard. Each order is tried, then repeatedly changed by moving the buffer that
reached highest to the front, until the plan meets the lower bound or the tries are used up.
Everything is deterministic.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from .bounds import lower_bound
from .first_fit import place_all
from .orders import orders
from .problem import neighbours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .problem import Buffer, BufferOverlap, Neighbour, Plan

_WORK = 250_000
"""How many comparisons of two buffers a search may make: about a tenth of a second."""

_MOST_TRIES = 200


def plan(buffers: Sequence[Buffer], overlaps: Sequence[BufferOverlap] = ()) -> Plan:
    """The best plan found for `buffers`. Searched once: the cases of a model often share it."""
    return _searched(tuple(buffers), tuple(overlaps))


@lru_cache(maxsize=256)
def _searched(buffers: tuple[Buffer, ...], overlaps: tuple[BufferOverlap, ...]) -> Plan:
    bound = lower_bound(buffers, overlaps)
    near = neighbours(buffers, overlaps)
    tried = orders(buffers)
    cost = sum(len(each) ** 2 for each in near) + len(buffers)
    tries = max(1, min(_WORK // (len(tried) * max(1, cost)), _MOST_TRIES))
    best: Plan | None = None
    # If nothing may overlap, placing a buffer below the first one cannot help.
    for upwards in (True, False) if overlaps else (True,):
        followed: dict[tuple[int, ...], int] = {}
        for order in tried.values():
            best = _improved(
                buffers, near, order, bound, tries, followed, best=best, upwards=upwards
            )
            if best is not None and best.peak == bound:
                return best
    assert best is not None
    return best


def _improved(
    buffers: Sequence[Buffer],
    near: Sequence[Sequence[Neighbour]],
    order: list[int],
    bound: int,
    tries: int,
    followed: dict[tuple[int, ...], int],
    *,
    best: Plan | None,
    upwards: bool,
) -> Plan | None:
    """Tries `order`, then repeatedly moves the buffer that reached highest to the front. Returns
    `best` or a plan with a lower peak.

    `followed`: order -> how many tries followed it. Whoever comes to an order that was followed as
    far before finds nothing new.
    """
    order = list(order)
    for left in range(tries, 0, -1):
        if followed.get(tuple(order), 0) >= left:
            break
        followed[tuple(order)] = left
        # Only the next try needs the plan of one that is no better.
        below = best.peak if best is not None and left == 1 else None
        candidate = place_all(buffers, near, order, upwards=upwards, below=below)
        if candidate is None:
            break
        if best is None or candidate.peak < best.peak:
            best = candidate
        if best.peak == bound:
            break
        top = next(
            i
            for i in reversed(order)
            if candidate.offsets[i] + buffers[i].aligned_size == candidate.peak
        )
        if order[0] == top:
            break
        order.remove(top)
        order.insert(0, top)
    return best
