"""Instructions of depthwise.c, counted in GCC's code for RV32 at -O3 and at -Os."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from .depthwise_plane import CLAMPED_SHARE
from .gemm import CLAMPED

if TYPE_CHECKING:
    from .facts import Facts


class _Cost(NamedTuple):
    """row, pixel, channel: each without what is in it; taps: an output with any; line: a row of
    taps, some: the same with taps in it; tap: one of them."""

    row: int
    pixel: int
    channel: int
    taps: int
    line: int
    some: int
    tap: int


COSTS = (_Cost(26, 30, 26, 28, 7, 2, 9), _Cost(25, 31, 28, 0, 25, 0, 11))
"""At -O3, at -Os."""

BEFORE = 3
"""To find the first tap in the image where the window begins in front of it."""

INPUT = 4
"""To go on to the next input channel."""


def depthwise(layer: Facts) -> float:
    """mlbench_tuned_depthwise: output by output, the taps inside the image."""
    cost, inputs = COSTS[layer.machine.small], layer["input_c"]
    channels = inputs * layer["depth_multiplier"]
    rows, columns = _taps(layer, "h"), _taps(layer, "w")
    channel = cost.channel + CLAMPED * CLAMPED_SHARE
    total = 0.0
    for (down, first), count in rows.items():
        total += count * (cost.row + BEFORE * first)
        for (across, left), wide in columns.items():
            each = channel
            if down:
                each += cost.taps + down * (cost.line + (cost.some if across else 0))
                each += down * across * cost.tap
            pixel = cost.pixel + BEFORE * left + channels * each + INPUT * inputs
            total += count * wide * pixel
    return 55 + layer["images"] * (10 + total)


def _taps(layer: Facts, side: str) -> Counter[tuple[int, bool]]:
    """Along one side: the taps inside the image, and whether a window begins in front of it; how
    many windows there are of each."""
    found: Counter[tuple[int, bool]] = Counter()
    step = layer[f"dilation_{side}"]
    for at in range(layer[f"output_{side}"]):
        start = at * layer[f"stride_{side}"] - layer[f"padding_{side}"]
        first = -(min(start, 0) // step)
        end = min(layer[f"filter_{side}"], max(-((start - layer[f"input_{side}"]) // step), 0))
        found[max(end - first, 0), start < 0] += 1
    return found
