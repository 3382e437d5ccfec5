"""The interpreter's sigmoid and tanh of int16 values: a table with linear interpolation.

Entry i of the table is 2**16 / (1 + exp(-i / 24)), rounded to nearest, plus 1 for the entries in
`_ONE_MORE`; arguments go from 0 to 10.6. An input in Q3.12 is first multiplied by 3, so that there
are 512 steps between two entries (256 for tanh, which is 2 sigmoid(2 x) - 1).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Words = NDArray[np.int64]

_ONE_MORE = frozenset(
    (
        4, 8, 12, 14, 15, 16, 17, 19, 20, 21, 22, 25, 27, 28, 29, 30, 31, 33, 34, 35, 37, 39, 40,
        41, 43, 44, 45, 46, 49, 50, 54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255,
    )
)  # fmt: skip
"""Entries for which the interpreter's table is one more than the rounded value: measured with all
65,536 inputs."""

TABLE = np.array(
    [
        math.floor(65536 / (1 + math.exp(-place / 24)) + 0.5) + (place in _ONE_MORE)
        for place in range(256)
    ],
    np.uint16,
)


def _scaled(values: Words, multiplier: int, shift: int) -> Words:
    """values * multiplier / 2**shift, to nearest with ties up; without a multiplier the factor is
    3 * 2**shift."""
    if multiplier == 0:
        return values * (3 << shift)
    half = 1 << (shift - 1) if shift > 0 else 0
    return (values * multiplier + half) >> shift


def _interpolated(size: Words, bits: int) -> Words:
    """The table's value at `size` / 2**bits, times 2**bits, for places before its last entry."""
    table = TABLE.astype(np.int64)
    place = np.minimum(size >> bits, 254)
    rest = size & ((1 << bits) - 1)
    found: Words = (table[place] << bits) + rest * (table[place + 1] - table[place])
    return found


def sigmoid(values: NDArray[Any], multiplier: int = 0, shift: int = 0) -> Words:
    """sigmoid in Q0.15 of int16 values in Q3.12, or scaled by `multiplier` / 2**shift / 3."""
    scaled = _scaled(values.astype(np.int64), multiplier, shift)
    size = np.abs(scaled)
    result = np.where((size >> 9) >= 255, 0x7FFF << 10, _interpolated(size, 9))
    mirrored = (1 << 25) - result + (1 << 9) - 1
    found: Words = np.where(scaled >= 0, result + (1 << 9), mirrored) >> 10
    return found


def tanh(values: NDArray[Any], multiplier: int = 0, shift: int = 0) -> Words:
    """tanh in Q0.15; arguments as for `sigmoid`."""
    scaled = _scaled(values.astype(np.int64), multiplier, shift)
    size = np.abs(scaled)
    result = np.where((size >> 8) >= 255, 0xFFFF << 8, _interpolated(size, 8))
    middle, half = 1 << 23, 1 << 7
    found: Words = np.where(scaled >= 0, result - middle + half, -result + middle + half - 1) >> 8
    return found
