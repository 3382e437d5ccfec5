"""ADD, SUB and MUL with a constant per channel as linear functions, if that is proven exact.

With a constant, such an operator is a function of one stored value for each channel:

    sum    = input * slope[c] + offset[c]
    output = clamp((sum + (sum < threshold ? step : 0)) >> shift, low, high)

TensorFlow Lite rounds several times on the way, so the function is only close to this line. There
are only 256 inputs for each channel, so all of them are compared with the operator's result.

A sum (ADD, SUB) needs no step. A product (MUL) is rounded twice: first halves up, to 2**-e of the
output's unit, then halves away from zero. So above zero a result is rounded up from 1/2 - d on,
with d = 2**-(e + 1), and below zero it is rounded down below -1/2 + d: the two parts of the line
are 2 * d apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.models.operators.catalogue import OPERATORS

from .fixed_point import STORED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.models.operators.layers import Elementwise, Operand

    Int64 = NDArray[np.int64]

WORD = 2**31

NEAR = tuple(sorted(range(-3, 4), key=abs))
"""How far from the rounded slope other slopes are tried."""

LEAST_SHIFT = 8
"""Slopes with fewer bits behind the point are not tried."""


@dataclass(frozen=True)
class Product:
    """The zero points of a MUL's input and output, and the e of its second rounding."""

    input_zero: int
    output_zero: int
    e: int


@dataclass(frozen=True, eq=False)
class Function:
    """A function of a stored value for each channel, as a table.

    outputs  int64 [channels, 256], for the inputs -128 to 127
    slopes   float64 [channels], how much the output grows with the input where nothing clamps
    low, high  the outputs' bounds
    product  for a MUL, what `_with_step` needs
    """

    outputs: Int64
    slopes: NDArray[np.float64]
    low: int
    high: int
    product: Product | None = None

    def then(self, other: Function) -> Function:
        """`other` of this function's results."""
        outputs = np.take_along_axis(other.outputs, self.outputs + 128, axis=1)
        return Function(outputs, self.slopes * other.slopes, other.low, other.high)


@dataclass(frozen=True, eq=False)
class ChannelLine:
    """The constants of the formula above: slope and offset int64 [channels]. The sum fits 32 bits;
    the product alone may not, but wraps harmlessly. Without a step, `step` is 0."""

    slope: Int64
    offset: Int64
    shift: int
    low: int
    high: int
    threshold: int = -WORD
    step: int = 0


def moving_side(layer: Elementwise) -> int | None:
    """0 or 1: the operand of `layer` that is not constant and has the output's shape, if the other
    one is constant, with one value or one per channel; else None."""
    for moving, side, constant in ((0, layer.left, layer.right), (1, layer.right, layer.left)):
        if side.data is not None or constant.data is None or side.shape != layer.output_shape:
            continue
        if constant.data.size in (1, layer.output_shape[-1] if constant.shape else 1):
            per_channel = constant.data.size == 1 or constant.shape[-1] == constant.data.size
            return moving if per_channel else None
    return None


def function(layer: Elementwise, channels: int) -> Function:
    """What `layer`, whose `moving_side` is not None, computes for each of `channels`."""
    moving = moving_side(layer)
    sides = [layer.left, layer.right]
    constant = sides[1 - (moving or 0)]
    assert moving is not None
    assert constant.data is not None
    values = np.broadcast_to(constant.data.reshape(-1), (channels,))
    inputs = np.broadcast_to(STORED[:, None], (256, channels))
    changed = replace(
        layer,
        left=_reshaped(layer.left, channels),
        right=_reshaped(layer.right, channels),
        output_shape=(256, channels),
    )
    reference = OPERATORS[layer.kind].reference
    assert reference is not None
    given = (inputs, values) if moving == 0 else (values, inputs)
    found = np.asarray(reference(changed, *given), np.int64).reshape(256, channels)
    return Function(
        np.ascontiguousarray(found.T),
        np.broadcast_to(_slopes(layer, moving, values), (channels,)),
        layer.activation_min,
        layer.activation_max,
        _product(layer, sides[moving]),
    )


def _product(layer: Elementwise, moving: Operand) -> Product | None:
    if layer.kind != "MUL" or layer.output_shift >= 0:
        return None
    return Product(-moving.offset, layer.output_offset, -layer.output_shift)


def _reshaped(side: Operand, channels: int) -> Operand:
    shape = (256, channels) if side.data is None else (channels,)
    return replace(side, shape=shape)


def _slopes(layer: Elementwise, moving: int, values: NDArray[np.int8]) -> NDArray[np.float64]:
    output = layer.output_multiplier * 2.0 ** (layer.output_shift - 31)
    side = (layer.left, layer.right)[moving]
    if layer.kind == "MUL":
        constant = (layer.left, layer.right)[1 - moving]
        return np.asarray((values.astype(np.int64) + constant.offset) * output, np.float64)
    operand = side.multiplier * 2.0 ** (side.shift - 31 + layer.left_shift)
    sign = -1 if layer.kind == "SUB" and moving == 1 else 1
    return np.array(sign * operand * output, np.float64)


def channel_line(
    wanted: Function, inputs: Int64 | None = None, base: int = 0
) -> ChannelLine | None:
    """The line for `wanted`, or None if there is none.

    `inputs`: the stored values that occur; by default all. `base` is subtracted from the outputs
    and their bounds, as a kernel needs it that compares with 0.
    """
    inputs = STORED if inputs is None else inputs
    outputs = wanted.outputs[:, inputs + 128] - base
    low, high = wanted.low - base, wanted.high - base
    reach = float(np.abs(wanted.slopes).max(initial=0) * 256 + 512)
    most = 31 - int(np.ceil(np.log2(reach)))
    shifts = range(most, LEAST_SHIFT - 1, -1)
    hard = 0  # a channel without a line for one shift rarely has one for the next
    for shift in shifts:
        one = slice(hard, hard + 1)
        if _with_shift(outputs[one], wanted.slopes[one], inputs, shift, (low, high))[2].any():
            continue
        slope, offset, missing = _with_shift(outputs, wanted.slopes, inputs, shift, (low, high))
        if not missing.any():
            return ChannelLine(slope, offset, shift, low, high)
        hard = int(missing.argmax())
    if wanted.product is not None:
        for shift in shifts:
            stepped = _with_step(outputs, wanted, inputs, shift, base)
            if stepped is not None:
                return stepped
    return None


def _with_step(
    outputs: Int64, wanted: Function, inputs: Int64, shift: int, base: int
) -> ChannelLine | None:
    """The line of a product with a step at 0; None if it is not exact for some channel."""
    product = wanted.product
    assert product is not None
    if product.e + 1 > shift:
        return None
    low, high = wanted.low - base, wanted.high - base
    half, apart = 1 << (shift - 1), 1 << (shift - product.e - 1)
    threshold, step = ((product.output_zero - base) << shift) + half + apart, -2 * apart
    slope = np.zeros(len(outputs), np.int64)
    missing = np.ones(len(outputs), bool)
    for near in NEAR:
        tried = np.rint(wanted.slopes * 2.0**shift).astype(np.int64) + near
        sums = tried[:, None] * (inputs - product.input_zero)[None, :] + threshold
        stepped = sums + np.where(sums < threshold, step, 0)
        small = ((np.abs(sums) < WORD) & (np.abs(stepped) < WORD)).all(axis=1)
        equal = (np.clip(stepped >> shift, low, high) == outputs).all(axis=1)
        fits = missing & small & equal
        slope[fits] = tried[fits]
        missing &= ~fits
        if not missing.any():
            offset = wrapped(threshold - slope * product.input_zero)
            return ChannelLine(slope, offset, shift, low, high, threshold, step)
    return None


def wrapped(values: Int64) -> Int64:
    """As the 32-bit integer that unsigned arithmetic gives."""
    return ((values + WORD) % (2 * WORD)) - WORD


def _with_shift(
    outputs: Int64,
    slopes: NDArray[np.float64],
    inputs: Int64,
    shift: int,
    bounds: tuple[int, int],
) -> tuple[Int64, Int64, NDArray[np.bool_]]:
    """Slope and offset of every channel, and which channels have none."""
    slope = np.zeros(len(outputs), np.int64)
    offset = np.zeros(len(outputs), np.int64)
    missing = np.ones(len(outputs), bool)
    for near in NEAR:
        (rows,) = missing.nonzero()
        if not rows.size:
            break
        own = outputs[rows]
        tried = np.rint(slopes[rows] * 2.0**shift).astype(np.int64) + near
        height = tried[:, None] * inputs[None, :]
        # The sum must reach the output's step, and must not reach the next one.
        least = np.where(own > bounds[0], (own << shift) - height, -(2**62)).max(axis=1)
        most = np.where(own < bounds[1], ((own + 1) << shift) - 1 - height, 2**62)
        most = most.min(axis=1)
        least = np.maximum(least, -WORD - height.min(axis=1))
        most = np.minimum(most, WORD - 1 - height.max(axis=1))
        least, most = np.maximum(least, -WORD), np.minimum(most, WORD - 1)
        fits = (least <= most) & (np.abs(tried) < WORD)
        slope[rows[fits]], offset[rows[fits]] = tried[fits], ((least + most) >> 1)[fits]
        missing[rows[fits]] = False
    return slope, offset, missing
