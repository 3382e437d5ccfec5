"""Constants that requantise an accumulator in as few instructions as possible, and their proof.

TensorFlow Lite (`MultiplyByQuantizedMultiplier`, tensorflow/lite/kernels/internal/common.h, double
rounding) computes, for a factor multiplier * 2**(left - e - 31) with left or e zero:

    x = floor((acc * 2**left * multiplier + 2**30) / 2**31)            round half up
    v = floor((x + 2**(e - 1) - (x < 0)) / 2**e), or x when e = 0      round half away from zero
    output = clamp(v + zero_point, activation_min, activation_max)

With t = floor(acc * 2**(left + 2) * multiplier / 2**32), x is floor((t + 1) / 2), and both
divisions are one:

    v = floor((t + 1 + 2**e - 2 * (t < 0)) / 2**(e + 1)), or floor((t + 1) / 2) when e = 0

because nested floors compose, t = -1 gives 0 in both cases, and t < -1 is equivalent to x < 0. The
term (zero_point - activation_min) * 2**(e + 1) is folded in too, so that a value is in range if, as
an unsigned number, it is at most activation_max - activation_min. If the lower bound is at least
the zero point (ReLU), a negative v is clamped however it is rounded, and the term with (t < 0) can
be dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Int64 = NDArray[np.int64]

WORD = 2**31

STORED = np.arange(-128, 128, dtype=np.int64)
"""Every stored value of an int8 tensor."""


@dataclass(frozen=True, eq=False)
class FixedPoint:
    """Per channel, int64: t = mulh(acc << left_shift, multiplier); output = activation_min +
    clamp((t + sign * (t < 0) + offset) >> shift, 0, limit). `is_signed`: some sign is not 0."""

    left_shift: Int64
    multiplier: Int64
    offset: Int64
    shift: Int64
    sign: Int64
    limit: int
    low: int
    is_signed: bool


@dataclass(frozen=True, eq=False)
class Accumulators:
    """Per channel, int64: the bias including the input's zero point, and the bounds of the
    accumulator over all inputs, where any taps may be padding."""

    bias: Int64
    smallest: Int64
    largest: Int64


def accumulators(
    weights: NDArray[np.int8], bias: NDArray[np.int32] | None, input_offset: int
) -> Accumulators | None:
    """The accumulators for weights [channel, tap]; None if the folded bias overflows int32."""
    wide = weights.astype(np.int64)
    start = np.zeros(len(wide), np.int64) if bias is None else bias.astype(np.int64).reshape(-1)
    low, high = wide * (input_offset - 128), wide * (input_offset + 127)
    smallest = start + np.minimum(np.minimum(low, high), 0).sum(axis=1)
    largest = start + np.maximum(np.maximum(low, high), 0).sum(axis=1)
    folded = start + input_offset * wide.sum(axis=1)
    if not fits(folded):
        return None
    return Accumulators(folded, smallest, largest)


def fixed_point(acc: Accumulators, layer: Any, *, uniform: bool = False) -> FixedPoint | None:
    """The constants for `layer` (anything with multipliers, shifts, output_offset and activation
    bounds), or None when some intermediate value could leave 32 bits. `uniform`: or when they are
    not the same for all channels."""
    channels = len(acc.bias)
    multiplier = np.broadcast_to(layer.multipliers.astype(np.int64).reshape(-1), channels)
    factor = np.broadcast_to(layer.shifts.astype(np.int64).reshape(-1), channels)
    left, e = np.maximum(factor, 0), np.maximum(-factor, 0)
    if uniform and not (np.ptp(multiplier) == 0 and np.ptp(factor) == 0):
        return None
    # A channel whose accumulators all give one output needs no arithmetic that could overflow.
    constant = [
        None if uniform else _one_output(int(low), int(high), int(m), int(f))
        for low, high, m, f in zip(acc.smallest, acc.largest, multiplier, factor, strict=True)
    ]
    fixed = np.array([value is not None for value in constant])
    always = np.array([value or 0 for value in constant], np.int64) + layer.output_offset
    always = np.clip(always, layer.activation_min, layer.activation_max) - layer.activation_min
    multiplier = np.where(fixed, 0, multiplier)
    left, e = np.where(fixed, 0, left), np.where(fixed, 0, e)
    if (e > 29).any() or (left > 28).any():
        return None
    is_signed = bool(layer.activation_min < layer.output_offset)
    left_shift = left + 2
    shift = e + 1
    rounding = 1 + np.where(e > 0, 2**e, 0)
    offset = rounding + ((layer.output_offset - layer.activation_min) << shift)
    offset = np.where(fixed, always << shift, offset)
    sign = np.where((e > 0) & is_signed, -2, 0)
    for bound in (acc.smallest, acc.largest):
        if (np.abs(np.where(fixed, 0, bound)) >= WORD >> left_shift).any():
            return None
        shifted = np.where(fixed, 0, bound << left_shift)
        t = (shifted * multiplier) >> 32
        if not (fits(t + offset) and fits(t + sign)):
            return None
    if not fits(offset):
        return None
    return FixedPoint(
        left_shift,
        np.ascontiguousarray(multiplier),
        offset,
        shift,
        sign,
        layer.activation_max - layer.activation_min,
        layer.activation_min,
        bool(sign.any()),
    )


Number = TypeVar("Number", int, "Int64")


def exactly(acc: Number, multiplier: int, factor: int) -> Number:
    """TensorFlow Lite's MultiplyByQuantizedMultiplier with double rounding, without overflow.

    `acc` is one accumulator, or an array whose values times `factor` fit 32 bits.
    """
    left, e = max(factor, 0), max(-factor, 0)
    x = ((acc << left) * multiplier + 2**30) >> 31
    return (x + (1 << (e - 1)) - (x < 0)) >> e if e else x


def _one_output(low: int, high: int, multiplier: int, factor: int) -> int | None:
    first = exactly(low, multiplier, factor)
    return first if first == exactly(high, multiplier, factor) else None


def fits(values: Int64) -> bool:
    """Do all `values` fit int32?"""
    return bool(((values >= -WORD) & (values < WORD)).all())
