"""The interpreter's integer arithmetic on whole numpy arrays, for the numpy reference.

It is written independently of `arithmetic` and of the kernels, so that a mistake in one of them
shows up in a comparison.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.int64]
"""Integers of at most 32 bits, with room for their products."""


def requantise(value: Words, multiplier: Any, shift: Any) -> Words:
    """value * multiplier * 2**(shift - 31), rounded twice (`MultiplyByQuantizedMultiplier`):
    the doubled high word to nearest with ties up, the right shift with ties away from zero."""
    shift = np.asarray(shift, np.int64)
    left, right = np.maximum(shift, 0), np.maximum(-shift, 0)
    # In the interpreter the left shift is 32 bits wide too.
    high = high_mul((value << left).astype(np.int32).astype(np.int64), multiplier)
    return divide_pot(high, right)


def high_mul(left: Any, right: Any) -> Words:
    """left * right / 2**31, to nearest with ties up."""
    product: Words = (np.asarray(left, np.int64) * np.asarray(right, np.int64) + (1 << 30)) >> 31
    return product


def divide_pot(value: Words, exponent: Any) -> Words:
    """value / 2**exponent, to nearest with ties away from zero."""
    mask = (np.int64(1) << np.asarray(exponent, np.int64)) - 1
    rest: Words = value & mask
    quotient: Words = (value >> exponent) + (rest > (mask >> 1) + (value < 0))
    return quotient


def finish(layer: Any, sums: Words) -> Words:
    """Requantises accumulators, adds the output's zero point, and clamps."""
    scaled = requantise(sums, layer.multipliers, layer.shifts) + layer.output_offset
    clamped: Words = np.clip(scaled, layer.activation_min, layer.activation_max)
    return clamped


def windows(
    values: Words, layer: Any, window: tuple[int, int], dilation: tuple[int, int], fill: int
) -> Words:
    """The input of each window: [batch, out_h, out_w, k_h, k_w, channels]; `fill` on padding."""
    seen = values
    # Height first: it becomes axes 1 and 2, so the width is then axis 3.
    for axis, place in ((0, 1), (1, 3)):
        size, count = values.shape[1 + axis], layer.output_shape[1 + axis]
        at = np.arange(count)[:, None] * layer.stride[axis] - layer.padding[axis]
        at = at + np.arange(window[axis]) * dilation[axis]
        inside = ((at >= 0) & (at < size)).reshape(at.shape + (1,) * (seen.ndim - place - 1))
        taken = seen.take(np.clip(at, 0, size - 1), axis=place)
        seen = np.where(inside, taken, fill)
    return seen.swapaxes(2, 3)


def bias(values: NDArray[np.int32] | None) -> Any:
    """A bias as something that can be added."""
    return 0 if values is None else values.astype(np.int64)
