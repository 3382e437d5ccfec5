"""Instructions of max_pool2d.c, average_pool2d.c and average_pool2d_any.c, counted in GCC's code
for RV32 at -O3 and at -Os, for values spread evenly over the int8 range."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from .pooling import windows

if TYPE_CHECKING:
    from .facts import Facts

FOUR, EIGHT = 4, 8
"""Channels that one turn of a loop takes."""


class _Average(NamedTuple):
    """What average_pool2d.c takes; `block`: of one channel, or four."""

    row: int
    window: int
    block: float
    line: int
    tap: int


BY_WORDS = (_Average(24, 31, 89, 5, 8), _Average(17, 26, 117, 5, 8))
"""At -O3, at -Os; so below."""

BY_ONES = (_Average(22, 25, 18.5, 6, 5), _Average(17, 26, 21.5, 7, 5))
ONE_CHANNEL = _Average(22, 23, 18.5, 6, 4)


def average_pool2d(layer: Facts) -> float:
    """mlbench_tuned_average_pool2d: four channels at once; windows as wide as the image are one
    line."""
    cost = BY_WORDS[layer.machine.small]
    return _average(layer, cost, layer["channels"] // FOUR, whole=True)


def average_pool2d_any(layer: Facts) -> float:
    """mlbench_tuned_average_pool2d_any: channel by channel."""
    cost = BY_ONES[layer.machine.small]
    if layer["channels"] == 1 and not layer.machine.small:
        cost = ONE_CHANNEL
    return _average(layer, cost, layer["channels"], whole=False)


def _average(layer: Facts, cost: _Average, blocks: int, *, whole: bool) -> float:
    total = 50.0 + layer["batches"] * layer["output_h"] * cost.row
    for height, width, count in windows(layer):
        lines = 1 if whole and width == layer["input_w"] else height
        each = cost.block + lines * cost.line + height * width * cost.tap
        total += count * (cost.window + blocks * each)
    return total


class _Maximum(NamedTuple):
    """What max_pool2d.c takes besides moves.

    four, one    four channels and a single one, of a window that a loop goes through
    line, tap    of such a window, for four channels; `tap_of_one`: for one
    some         if there are fours
    eight, ends  windows of 2x2: eight channels, and around all eights
    square       around the eights where all windows are of 2x2; `square_row`: a row of them
    """

    row: int
    window: int
    some: int
    four: int
    one: int
    line: int
    tap: int
    tap_of_one: int
    eight: int
    ends: int
    square: int
    square_row: int


MAXIMUM = (
    _Maximum(27, 26, 21, 34, 12, 6, 11, 5, 70, 23, 13, 15),
    _Maximum(17, 32, 0, 33, 15, 7, 11, 5, 73, 8, 16, 25),
)

BOUNDED = 3
"""What Zbb saves of an output that is bounded."""

MOVES_OF_2X2 = 1 / 2 + 1 / 3 + 1 / 4
COMPARED_IN_2X2 = 3


def max_pool2d(layer: Facts) -> float:
    """mlbench_tuned_max_pool2d."""
    cost, channels, zbb = MAXIMUM[layer.machine.small], layer["channels"], layer.machine.zbb
    unbounded = layer["low"] == -128 and layer["high"] == 127
    copied = int(layer.machine.xlen == 64 and not zbb)  # GCC copies every value to compare it
    eight = cost.eight + (0 if zbb else EIGHT * MOVES_OF_2X2) + EIGHT * COMPARED_IN_2X2 * copied
    rows = layer["batches"] * layer["output_h"]
    if unbounded and channels % EIGHT == 0 and _all_of_2x2(layer):
        window = cost.square + channels // EIGHT * eight
        return 85 + rows * (cost.square_row + layer["output_w"] * window)
    total = 65.0 + rows * cost.row
    for height, width, count in windows(layer):
        left, each = channels, float(cost.window)
        if height == width == 2 and unbounded and left >= EIGHT:
            each += cost.ends + left // EIGHT * eight
            left %= EIGHT
        fours, rest = divmod(left, FOUR)
        taps = height * width
        moves = (0 if zbb else expected_moves(taps, layer["low"])) + taps * copied
        four = cost.four + height * cost.line + taps * cost.tap + FOUR * (moves - BOUNDED * zbb)
        one = cost.one + height * cost.line + taps * cost.tap_of_one + moves - BOUNDED * zbb
        each += (cost.some if fours else 0) + fours * four + (6 if rest else 0) + rest * one
        total += count * each
    return total


def _all_of_2x2(layer: Facts) -> bool:
    """is_square of max_pool2d.c."""
    return (layer["filter_h"], layer["filter_w"]) == (2, 2) and all(
        layer[f"padding_{side}"] == 0
        and (layer[f"output_{side}"] - 1) * layer[f"stride_{side}"] + 2 <= layer[f"input_{side}"]
        for side in "hw"
    )


@lru_cache(maxsize=1024)
def expected_moves(taps: int, low: int) -> float:
    """How often one of `taps` values is larger than `low` and all before it."""
    total = 0.0
    for value in range(low + 1, 128):
        below = (value + 128) / 256
        total += (1 - below**taps) / (1 - below)
    return total / 256
