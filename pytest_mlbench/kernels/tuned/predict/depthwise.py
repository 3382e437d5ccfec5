"""Instructions of depthwise_3x3.S."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .gemm import CLAMPED, share_clamped

if TYPE_CHECKING:
    from .facts import Facts


MOST_KNOWN = 1023
"""More channels than that are too far from pixel to pixel for an offset in a load."""


TOP, ABOVE = (6, 5), (9, 6)
"""A row before the first output's: of padding, of the image. Here and below: a column with three
taps in a row, and one at the left or right edge, with two."""


@dataclass(frozen=True)
class _Listing:
    """What depthwise_3x3.S takes for a stride.

    output  an output without its end, and its loop
    first   the second row of inputs before the first output
    bottom  the last output, if its last row of taps is padding
    rows    rows of inputs for an output
    column  the rest of a column
    """

    output: tuple[int, int]
    first: tuple[int, int]
    bottom: int
    rows: int
    column: int


STRIDE_1 = _Listing(output=(21, 14), first=(15, 10), bottom=6, rows=1, column=34)
STRIDE_2 = _Listing(output=(28, 20), first=(0, 0), bottom=16, rows=2, column=19)


def depthwise_3x3(layer: Facts) -> float:
    """mlbench_tuned_depthwise_3x3: columns of outputs down the rows, channel by channel."""
    return _depthwise_3x3(layer, STRIDE_1)


def depthwise_3x3_s2(layer: Facts) -> float:
    """mlbench_tuned_depthwise_3x3_s2: the same with stride 2."""
    return _depthwise_3x3(layer, STRIDE_2)


def _depthwise_3x3(layer: Facts, listing: _Listing) -> float:
    """Where the assembler does not know the number of channels, a row of inputs takes one more for
    each tap but the first."""
    height, bottom = layer["rows"], layer["bottom"]
    finish = 7 + CLAMPED * share_clamped(int(layer["low"] != -128))
    known = 0 < layer.machine.channels <= MOST_KNOWN
    columns = (layer["columns"], layer["left"] + layer["right"])
    total = 0.0
    for taps, count in enumerate(columns):
        apart = 0 if known else (2, 1)[taps] * listing.rows
        output = listing.output[taps] + finish + 1 / 3 + apart
        start = listing.first[taps] + (TOP if layer["top"] else ABOVE)[taps]
        end = bottom * (finish + listing.bottom)
        total += count * ((height - bottom) * output + start + end + listing.column)
    kept = min(layer["kept"], sum(columns))
    written = kept * (11 + 13 * (height // 4) + 6 * (height % 4))
    channel = 62 + 40 * layer["left"] + 8 * layer["right"] + written
    return 45 + layer["channels"] * (channel + total)
