"""What the vector kernels share: the vector length, their rounding, the padded image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlbench.isa import Isa
from pytest_mlbench.kernels.interface import Struct

from .requantise import exactly, fits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.models.operators.layers import Conv2D

    from .requantise import Accumulators

    Int64 = NDArray[np.int64]

MOST_SCRATCH = 64 << 10
"""A layer that would need more bytes runs on its integer kernel."""


def vector_length(isa: str) -> int:
    """VLEN in bits that `isa` promises."""
    return Isa.parse(isa).vlen


@dataclass(frozen=True, eq=False)
class Rounding:
    """Per channel, int64: output = ((acc * multiplier + 2**30) >> 31) rounded by e, acc counted
    from `bias`. `silent`: the channel's output is one value, and its weights have to be zeros."""

    bias: Int64
    multiplier: Int64
    e: Int64
    silent: NDArray[np.bool_]
    is_signed: bool


def rounding(acc: Accumulators, layer: Any) -> Rounding | None:
    """The constants of vsmul and vssra, or None for factors of 1 and above, and for a factor of
    1/2 and above where halves below zero count."""
    channels = len(acc.bias)
    bias = acc.bias.copy()
    multiplier = np.broadcast_to(layer.multipliers.astype(np.int64).reshape(-1), channels).copy()
    factor = np.broadcast_to(layer.shifts.astype(np.int64).reshape(-1), channels)
    e = -factor
    silent = np.zeros(channels, bool)
    if not fits(acc.smallest) or not fits(acc.largest):
        return None
    for i in range(channels):
        first, last = (
            exactly(int(bound[i]), int(multiplier[i]), int(factor[i]))
            for bound in (acc.smallest, acc.largest)
        )
        if first == last:  # (4 * value * 2**30) >> 31, then one bit more, is the value
            bias[i] = 4 * min(max(first, -256), 255)
            multiplier[i], e[i], silent[i] = 2**30, 1, True
    is_signed = bool(layer.activation_min < layer.output_offset)
    if (e < int(is_signed)).any() or (e > 31).any():
        return None
    return Rounding(bias, multiplier, e, silent, is_signed)


def padded_image(layer: Conv2D, reach_h: int, reach_w: int) -> tuple[Struct, int, int]:
    """struct mlbench_tuned_vector_image, the bytes it takes, and the bytes of a row."""
    _, input_h, input_w, c = layer.input_shape
    top, left = layer.padding
    if top == left == 0 and reach_h <= input_h and reach_w <= input_w:
        return Struct("struct mlbench_tuned_vector_image", {"padded_h": 0}), 0, input_w * c
    padded_h, row = reach_h, reach_w * c
    rows = min(input_h, padded_h - top)
    columns = min(input_w, reach_w - left)
    image = Struct(
        "struct mlbench_tuned_vector_image",
        {
            "padded_h": padded_h,
            "padded_row": row,
            "first": top * row + left * c,
            "rows": rows,
            "row": input_w * c,
            "row_bytes": columns * c,
            "zero_point": -layer.input_offset,
        },
    )
    return image, padded_h * row, row
