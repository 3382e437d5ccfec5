"""The best plan over all orders.

The problem is NP-hard. Each order is tried, then repeatedly changed by moving the buffer that
reached highest to the front, until the plan meets the lower bound or the tries are used up.
Everything is deterministic.
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
"""How many comparisons of two buffers a search may make: about a tenth of a second."""

_MOST_TRIES = 200


def plan(buffers: Sequence[Buffer], overlaps: Sequence[BufferOverlap] = ()) -> Plan:
    """The best plan found for `buffers`."""
    bound = lower_bound(buffers, overlaps)
    near = neighbours(buffers, overlaps)
    tried = orders(buffers)
    cost = sum(len(each) ** 2 for each in near) + len(buffers)
    tries = max(1, min(_WORK // (len(tried) * max(1, cost)), _MOST_TRIES))
    best: Plan | None = None
    # If nothing may overlap, placing a buffer below the first one cannot help.
    for upwards in (True, False) if overlaps else (True,):
        for order in tried.values():
            candidate = _improved(buffers, near, order, bound, tries, upwards=upwards)
            if best is None or candidate.peak < best.peak:
                best = candidate
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
    """Tries `order`, then repeatedly moves the buffer that reached highest to the front."""
    order = list(order)
    best: Plan | None = None
    for _ in range(tries):
        candidate = place_all(buffers, near, order, upwards=upwards)
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
    assert best is not None
    return best
