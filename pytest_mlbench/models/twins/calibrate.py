"""Computes every layer of a twin for a few inputs, in order to choose scales and biases.

Sums and products are integers. The only real number is the requantisation's factor, which is used
in one multiplication and one floor; IEEE 754 defines both to the bit, so the twins are the same on
every machine. (The firmware's arithmetic rounds slightly differently; here it only matters that the
range is used.)
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]


def convolve(values: Integers, weights: Integers, stride: int, *, depthwise: bool) -> Integers:
    """The accumulators of a SAME convolution of [n, h, w, c] with weights [out, kh, kw, in]."""
    import numpy as np

    high, wide = weights.shape[1:3]
    out = [-(-size // stride) for size in values.shape[1:3]]
    pads = [
        max((count - 1) * stride + window - size, 0)
        for count, window, size in zip(out, (high, wide), values.shape[1:3], strict=True)
    ]
    around = [(pad // 2, pad - pad // 2) for pad in pads]
    padded = np.pad(values, ((0, 0), *around, (0, 0)))
    total = np.zeros((values.shape[0], *out, weights.shape[0]), np.int64)
    for row in range(high):
        for column in range(wide):
            window = padded[:, row::stride, column::stride][:, : out[0], : out[1]]
            tap = weights[:, row, column]
            total += window * tap[:, 0] if depthwise else window @ tap.T
    return total


def spread(sums: Integers) -> tuple[list[int], list[int]]:
    """Mean and standard deviation of every channel (the last axis), rounded down; the deviation is
    at least 1."""
    rows = sums.reshape(-1, sums.shape[-1])
    count = len(rows)
    means = (rows.sum(axis=0) // count).tolist()
    squares = ((rows - rows.sum(axis=0) // count) ** 2).sum(axis=0).tolist()
    return means, [max(1, math.isqrt(square // count)) for square in squares]


def requantise(
    parts: Sequence[tuple[Integers, NDArray[np.float64]]], zero_point: int, *, relu: bool
) -> Integers:
    """The sum of integers times their factors, as clamped int8 values."""
    import numpy as np

    total = np.zeros(parts[0][0].shape)
    for values, factors in parts:
        total = total + np.floor(values * factors + 0.5)
    least = zero_point if relu else -128
    return np.clip(total.astype(np.int64) + zero_point, least, 127)


def average(values: Integers, kernel: tuple[int, int]) -> Integers:
    """The mean over adjacent windows, rounded to nearest."""
    count, height, width, depth = values.shape
    high, wide = kernel
    windows = values.reshape(count, height // high, high, width // wide, wide, depth)
    area = high * wide
    rounded: Integers = (2 * windows.sum(axis=(2, 4)) + area) // (2 * area)
    return rounded
