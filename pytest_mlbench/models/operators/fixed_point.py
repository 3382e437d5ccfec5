"""LOGISTIC and TANH of every int8 value, in TensorFlow Lite's fixed-point arithmetic.

An int8 input has 256 values, so the kernel is a table of 256 bytes. It is computed here with the
same integer steps as in the interpreter's kernel. "Qm.n" has a sign, m integer and n fractional
bits. Products round to nearest (ties up), shifts to nearest (ties away from zero), as defined in
the gemmlowp documentation (fixed-point arithmetic). exp is a Taylor polynomial around -1/8 for the
part below 1/4, times one factor per remaining bit; reciprocals take three Newton-Raphson steps.
Arrays are int64 [n] holding int32 values.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .arithmetic import NotRepresentable, input_radius

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Words = NDArray[np.int64]

INTEGER_BITS = 4
"""Inputs are scaled to Q4.27."""

_ONE = (1 << 31) - 1
_EXP_MINUS_EIGHTH = 1895147668
_THIRD = 715827883
_EXP_FACTORS = (1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242)
"""exp(-2**i) in Q0.31 for i = -2 ... 4."""
_48_OVER_17 = 1515870810
_MINUS_32_OVER_17 = -1010580540


def _high_mul(left: Words | int, right: Words | int) -> Words:
    return np.asarray(np.asarray(left, np.int64) * right + (1 << 30)) >> 31


def _divide_pot(value: Words, exponent: int) -> Words:
    mask = (1 << exponent) - 1
    threshold = (mask >> 1) + (value < 0)
    return (value >> exponent) + ((value & mask) > threshold)


def _saturated(value: Words) -> Words:
    return np.clip(value, -(1 << 31), _ONE)


def _exp_of_quarter(value: Words) -> Words:
    x = value + (1 << 28)
    x2 = _high_mul(x, x)
    x3 = _high_mul(x2, x)
    x4_over_4 = _divide_pot(_high_mul(x2, x2), 2)
    tail = _divide_pot(_high_mul(x4_over_4 + x3, _THIRD) + x2, 1)
    return _EXP_MINUS_EIGHTH + _high_mul(_EXP_MINUS_EIGHTH, x + tail)


def exp_of_negative(value: Words, integer_bits: int) -> Words:
    """exp(value) in Q0.31 for value <= 0 in Q`integer_bits`; integer_bits at most 5."""
    fraction_bits = 31 - integer_bits
    quarter = 1 << (fraction_bits - 2)
    remainder = (value & (quarter - 1)) - quarter
    quarters = remainder - value
    result = _exp_of_quarter(remainder << integer_bits)
    for place, factor in enumerate(_EXP_FACTORS[: integer_bits + 2]):
        is_set = (quarters & (quarter << place)) != 0
        result = np.where(is_set, _high_mul(result, factor), result)
    return np.where(value == 0, _ONE, result)


def _newton_raphson(value: Words) -> Words:
    """2 / (1 + value) in Q2.29 for value in [0, 1) in Q0.31."""
    half_denominator = (value + (1 << 31)) >> 1
    x = _48_OVER_17 + _high_mul(half_denominator, _MINUS_32_OVER_17)
    for _ in range(3):
        error = (1 << 29) - _high_mul(half_denominator, x)
        x = x + _saturated(_high_mul(x, error) << 2)
    return x


def logistic(value: Words) -> Words:
    """1 / (1 + exp(-value)) in Q0.31 for value in Q4.27."""
    positive = _saturated(_newton_raphson(exp_of_negative(-np.abs(value), INTEGER_BITS)) << 1)
    result = np.where(value > 0, positive, _ONE - positive)
    return np.where(value == 0, 1 << 30, result)


def tanh(value: Words) -> Words:
    """tanh(value) in Q0.31 for value in Q4.27."""
    x = _newton_raphson(exp_of_negative(-np.abs(value), INTEGER_BITS + 1))
    positive = _saturated((x - (1 << 29)) << 2)
    return np.where(value == 0, 0, np.where(value < 0, -positive, positive))


def table(kind: str, scale: float, zero_point: int) -> NDArray[np.int8]:
    """The outputs of LOGISTIC or TANH, int8 [256], indexed by the input's bits as uint8.

    Raises NotRepresentable for a scale below 2**-28: TensorFlow Lite Micro would then shift by a
    negative number of bits (CalculateInputRadius in quantization_util.cc), which is undefined in
    C++.
    """
    real = scale * (1 << (31 - INTEGER_BITS))
    fraction, shift = math.frexp(real)
    if shift < 0:
        raise NotRepresentable(f"its input's scale is {scale:g}, expected at least 2**-28")
    multiplier = math.floor(fraction * (1 << 31) + 0.5)
    radius = input_radius(INTEGER_BITS, shift)
    values = np.arange(256, dtype=np.uint8).view(np.int8).astype(np.int64) - zero_point
    inside = np.clip(values, -radius, radius)
    scaled = _high_mul(inside << shift, multiplier)
    if kind == "LOGISTIC":
        result = _divide_pot(logistic(scaled), 31 - 8) - 128
    else:
        result = _divide_pot(tanh(scaled), 31 - 7)
    result = np.where(values <= -radius, -128, np.where(values >= radius, 127, result))
    return np.clip(result, -128, 127).astype(np.int8)
