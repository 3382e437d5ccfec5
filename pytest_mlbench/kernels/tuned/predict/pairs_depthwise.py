"""Instructions of depthwise_3x3_pairs.S, as its listing has them, and of depthwise_pairs.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .facts import Facts


MOST_KNOWN = 2047 // 9
"""More channels than that are too far from pixel to pixel for an offset in a load."""


def depthwise_3x3(layer: Facts) -> float:
    """mlbench_tuned_depthwise_3x3_pairs: strips of columns, each of two halves of the rows."""
    columns, width, stride = layer["columns"], layer["output_w"], layer["stride"]
    last = width - columns
    total, at, x = 0.0, -1, 0
    while at != last:
        at = min(x, last)
        middle = at * stride - layer["padding_w"] + 1
        open_ = (middle > 0) + (middle + (columns - 1) * stride + 1 < layer["input_w"])
        total += 130 + _strip(layer, open_)
        x += columns
    row = layer["input_w"] * layer["channels"]
    return 60 + row / 4 * 4 + layer["images"] * (20 + total)


def _strip(layer: Facts, open_: int) -> float:
    """All channels of a strip; `open_`: how many of its sides have a pixel beside it."""
    n, stride = layer["columns"], layer["stride"]
    half = (layer["output_h"] + 1) // 2
    machine = layer.machine
    known = 0 < machine.channels <= MOST_KNOWN
    pixel = 5 if known else 7
    away = int(machine.pairs_signed)
    pixels = (n - 1) * stride + 1
    setup = 0 if known else 2

    def row(taps: int) -> float:
        """A row of pixels that `taps` rows of outputs use."""
        edges = 5 + open_ * (pixel + taps) if open_ else 0
        return setup + pixels * pixel + taps * (3 * n - 2) + 1 + edges

    finish = n * (11 + 4 * away + (0 if known else 2)) + 2 + setup
    if stride == 1:
        body = row(1) + row(2) + 2 + half * (row(3) + 4 + finish)
    else:
        body = row(1) + half * (row(1) + 2 + row(2) + 4 + finish)
    channel = 18 + 9 + 2 * away + 10 + 11 + 4 + body + 14
    return 70 + layer["channels"] * channel
