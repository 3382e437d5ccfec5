"""Instructions of softmax.c, counted in GCC's code at -O3 and at -Os.

Values are taken to be spread evenly over the int8 range. What exp takes depends on its argument: a
factor for every bit that is set in the whole part, counted in quarters.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pytest_mlbench.kernels.tuned.requantise.fixed_point import exactly

if TYPE_CHECKING:
    from .facts import Facts


class _Cost(NamedTuple):
    """call, row; value: one without its exponential; looked_up: the same from the table;
    exp, factor: an exponential without factors, and a factor."""

    call: int
    row: int
    value: int
    looked_up: int
    exp: int
    factor: float


COSTS = {
    (32, False): _Cost(34, 154, 36, 36, 112, 10.9),
    (32, True): _Cost(34, 165, 47, 49, 140, 9),
    (64, False): _Cost(34, 146, 37, 34, 73, 7.4),
    (64, True): _Cost(34, 152, 47, 48, 110, 5),
}
"""XLEN, and whether built for size."""

BELOW = 4
"""A difference so large that its exponential is 0."""

FACTORS = 7
QUARTER = 24
"""The bit of 1/4 in Q5.26."""


def softmax(layer: Facts) -> float:
    """mlbench_tuned_softmax: every exponential is computed."""
    cost = COSTS[layer.machine.xlen, layer.machine.small]
    share, factors = _exponentials(layer["multiplier"], layer["shift"], layer["diff_min"])
    largest = cost.exp + FACTORS * cost.factor
    other = share * cost.exp + factors * cost.factor + (1 - share) * BELOW
    depth = layer["depth"]
    row = cost.row + depth * cost.value + largest + (depth - 1) * other
    return cost.call + layer["rows"] * row


def softmax_table(layer: Facts) -> float:
    """mlbench_tuned_softmax_table: exponentials are looked up."""
    cost = COSTS[layer.machine.xlen, layer.machine.small]
    return cost.call + layer["rows"] * float(cost.row + layer["depth"] * cost.looked_up)


@lru_cache(maxsize=256)
def _exponentials(multiplier: int, shift: int, least: int) -> tuple[float, float]:
    """Of values less than the largest: how many have an exponential above 0, and the factors of
    these, on average."""
    counted = range(-1, max(least, -255) - 1, -1)
    factors = 0
    for difference in counted:
        scaled = exactly(difference << shift, multiplier, 0)
        whole = (scaled % (1 << QUARTER)) - (1 << QUARTER) - scaled
        factors += (whole >> QUARTER & (1 << FACTORS) - 1).bit_count()
    return len(counted) / 255, factors / 255
