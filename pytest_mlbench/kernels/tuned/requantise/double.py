"""Two activations in one double (`dext`): the proof of exactness, and the constants.

The conditions are checked for every channel with the layer's weights; if one does not hold, the
layer runs on the integer kernel. See gemm_pairs.S for the arithmetic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from .fixed_point import Accumulators, exactly

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIELD = 23
"""The distance in bits between the two halves of a pair."""

TOP = 24
"""Fractional bits of the output when it is converted, which leaves 8 bits above them."""

EXACT = 2**53
"""Integers up to this value are exact as double."""


@dataclass(frozen=True, eq=False)
class Double:
    """Doubles, per channel: the sum's start, and output = floor(A * m + c + copysign(d, A)) in
    units of 2**-24."""

    silent: NDArray[np.bool_]
    """The channel's output is one value: its weights have to be zeros."""
    bias: NDArray[np.float64]
    m: NDArray[np.float64]
    c: NDArray[np.float64]
    d: NDArray[np.float64]


def prove(weights: NDArray[np.int8], acc: Accumulators, layer: Any) -> Double | None:
    """The constants for weights [channel, tap], or None if the result is not exact because

    - the output is clamped to a range other than int8, which the conversion does not do;
    - an accumulator does not fit its half of the pair;
    - a partial sum is not an integer that a double can represent;
    - a constant is not a double, or product and sum need more than 53 bits and their rounding
      changes some output.
    """
    if (layer.activation_min, layer.activation_max) != (-128, 127):
        return None
    channels = len(weights)
    multipliers = np.broadcast_to(layer.multipliers, channels)
    shifts = np.broadcast_to(layer.shifts, channels)
    rows, silent = [], np.zeros(channels, bool)
    for i in range(channels):
        ends, factor = (int(acc.smallest[i]), int(acc.largest[i])), (multipliers[i], shifts[i])
        always = _always(ends, int(factor[0]), int(factor[1]), layer.output_offset)
        silent[i] = always is not None
        row = always or _requantised(*ends, int(factor[0]), int(factor[1]), layer.output_offset)
        if row is None:
            return None
        rows.append(row)
    bias, smallest, largest = (
        np.where(silent, 0, values) for values in (acc.bias, acc.smallest, acc.largest)
    )
    if not fits_half(Accumulators(bias, smallest, largest)):
        return None
    size = 128 * np.abs(weights.astype(np.int64)).sum(axis=1) + np.abs(bias)
    if ((size + 1) * (2**FIELD + 1) >= EXACT).any():
        return None
    m, c, d = np.array(rows).T
    return Double(silent, (bias * (2**FIELD + 1)).astype(np.float64), m, c, d)


def fits_half(acc: Accumulators) -> bool:
    """Does every accumulator fit its half of the pair?"""
    half = 2 ** (FIELD - 1)
    return bool((acc.smallest > -half).all() and (acc.largest < half).all())


def _always(
    ends: tuple[int, int], multiplier: int, factor: int, zero_point: int
) -> tuple[float, float, float] | None:
    """(m, c, d) for a channel whose accumulators all give the same output, else None."""
    first, last = (
        min(max(exactly(end, multiplier, factor) + zero_point, -128), 127) for end in ends
    )
    return (0.0, float(first * 2**TOP), 0.0) if first == last else None


def _requantised(
    low: int, high: int, multiplier: int, factor: int, zero_point: int
) -> tuple[float, float, float] | None:
    """(m, c, d) as doubles whose fused product and sum give every output, or None."""
    left, e = max(factor, 0), max(-factor, 0)
    slope = multiplier << left
    unit = 2 ** (31 + e)
    offset = 2**30 + (2 ** (30 + e) if e else 0) + zero_point * unit
    # Below zero, halves go down: one unit of the first rounding less. It only matters where
    # something below zero is kept.
    away = 2**30 if e and zero_point > -128 else 0
    numbers = (slope, offset - away, away)
    m, c, d = (float(Fraction(number * 2**TOP, unit)) for number in numbers)
    # The sum is a multiple of the lowest bit of all three; in range it is below 129 units.
    lowest = min(number & -number for number in numbers if number)
    exact = 129 * unit // lowest <= EXACT and all(
        Fraction(double) == Fraction(number * 2**TOP, unit)
        for double, number in zip((m, c, d), numbers, strict=True)
    )
    if exact or _steps_agree(low, high, (multiplier, factor, zero_point), (m, c, d)):
        return m, c, d
    return None


def _steps_agree(
    low: int, high: int, exact: tuple[int, int, int], doubles: tuple[float, float, float]
) -> bool:
    """Does the rounded arithmetic give the exact output for all accumulators in [low, high]?

    Both are monotone, so it is enough to compare them on both sides of every step.
    """
    multiplier, factor, zero_point = exact
    m, c, d = doubles

    def wanted(acc: int) -> int:
        return min(max(exactly(acc, multiplier, factor) + zero_point, -128), 127)

    def got(acc: int) -> int:
        value = float(acc * Fraction(m) + Fraction(c + (d if acc >= 0 else -d)))
        return min(max(math.floor(value) >> TOP, -128), 127)

    if wanted(low) != got(low) or wanted(high) != got(high):
        return False
    at = low
    for output in range(wanted(low) + 1, wanted(high) + 1):
        end = high  # the first accumulator of at least `output` lies in (at, end]
        while end - at > 1:
            middle = (at + end) // 2
            at, end = (at, middle) if wanted(middle) >= output else (middle, end)
        if got(end) < output or got(end - 1) >= output:
            return False
    return True
