"""The best plan over all orders.

The problem is NP-hard. Each order is tried, then tried again with whatever reached highest placed
first, until the lower bound is met or the tries are used up. Everything is deterministic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .bounds import lower_bound
from .first_fit import place_all
from .orders import orders
from .problem import neighbours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .problem import Buffer, BufferOverlap, Neighbour, Plan

_WORK = 250_000
"""Comparisons of two buffers that a search may cost: about a tenth of a second."""

_MOST_TRIES = 200


def plan(buffers: Sequence[Buffer], overlaps: Sequence[BufferOverlap] = ()) -> Plan:
    """The best plan found for `buffers`."""
    bound = lower_bound(buffers, overlaps)
    near = neighbours(buffers, overlaps)
    tried = orders(buffers)
    cost = sum(len(each) ** 2 for each in near) + len(buffers)
    tries = max(1, min(_WORK // (len(tried) * max(1, cost)), _MOST_TRIES))
    best: Plan | None = None
    # Where nothing may overlap there is no reason to place anything below the first buffer.
    for upwards in (True, False) if overlaps else (True,):
        for order in tried.values():
            found = _improved(buffers, near, order, bound, tries, upwards=upwards)
            if best is None or found.peak < best.peak:
                best = found
            if best.peak == bound:
                return best
    assert best is not None
    return best


def _improved(
    buffers: Sequence[Buffer],
    near: Sequence[Sequence[Neighbour]],
    order: list[int],
    bound: int,
    tries: int,
    *,
    upwards: bool,
) -> Plan:
    """Places in `order`, then again with the buffer that reached highest placed first."""
    order = list(order)
    best: Plan | None = None
    for _ in range(tries):
        found = place_all(buffers, near, order, upwards=upwards)
        if best is None or found.peak < best.peak:
            best = found
        if best.peak == bound:
            break
        top = next(
            i for i in reversed(order) if found.offsets[i] + buffers[i].aligned_size == found.peak
        )
        if order[0] == top:
            break
        order.remove(top)
        order.insert(0, top)
    assert best is not None
    return best
