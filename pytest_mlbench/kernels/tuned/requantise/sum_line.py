"""The sum of two activations as a linear function of both, if that can be proven exact.

TensorFlow Lite's ADD rounds three times: each operand, shifted left by 20, to a common scale, then
their sum to the output's scale. The result is close to a linear function of both stored values,

    output = low + clamp((left * l + right * r + offset) >> shift, 0, range)

There are only 65,536 pairs of values, so all of them are compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from .fixed_point import STORED, exactly

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.models.operators.layers import Elementwise, Operand

    Int64 = NDArray[np.int64]

WORD = 2**31

NEAR = tuple(sorted(range(-3, 4), key=abs))
"""How far from the rounded factor other factors are tried."""


@dataclass(frozen=True)
class SumLine:
    """The constants of the formula above. `limit` is `range`."""

    left: int
    right: int
    offset: int
    shift: int
    limit: int
    low: int


def sum_line(layer: Elementwise) -> SumLine | None:
    """The linear function for an ADD of two activations; None if none is exact."""
    lefts, rights = _scaled(layer, layer.left), _scaled(layer, layer.right)
    sums = lefts[:, None] + rights[None, :]
    if (np.abs(sums) << max(layer.output_shift, 0) >= WORD).any():
        return None
    output = exactly(sums, layer.output_multiplier, layer.output_shift) + layer.output_offset
    limit = layer.activation_max - layer.activation_min
    wanted = (output - layer.activation_min).clip(0, limit)
    slopes = [_slope(layer, operand) for operand in (layer.left, layer.right)]
    most = int(np.abs(output - layer.activation_min).max()) + 2
    for shift in range(31 - most.bit_length(), 15, -1):
        nearest = [round(slope * 2**shift) for slope in slopes]
        for near in product(NEAR, NEAR):
            left, right = nearest[0] + near[0], nearest[1] + near[1]
            offset = _offset(left, right, shift, wanted, limit)
            if offset is not None:
                return SumLine(left, right, offset, shift, limit, layer.activation_min)
    return None


def _scaled(layer: Elementwise, operand: Operand) -> Int64:
    """The stored values on the common scale."""
    shifted = (STORED + operand.offset) << layer.left_shift
    return exactly(shifted, operand.multiplier, operand.shift)


def _slope(layer: Elementwise, operand: Operand) -> float:
    scale = operand.multiplier * 2.0 ** (operand.shift - 31 + layer.left_shift)
    return scale * layer.output_multiplier * 2.0 ** (layer.output_shift - 31)


def _offset(left: int, right: int, shift: int, wanted: Int64, limit: int) -> int | None:
    """The value of `offset` that gives all wanted outputs; None if there is none."""
    height = STORED[:, None] * left + STORED[None, :] * right
    least = ((wanted << shift) - height)[wanted > 0].max(initial=-WORD)
    most = (((wanted + 1) << shift) - 1 - height)[wanted < limit].min(initial=WORD)
    if least > most:
        return None
    offset = int(least + most) // 2
    low, high = int(height.min()), int(height.max())
    fits = min(low, low + offset) >= -WORD and max(high, high + offset) < WORD
    return offset if fits else None
