"""Tables of functions of one int8 value, computed with the interpreter's steps: HARD_SWISH in
16-bit fixed point, ELU in float32, ABS and RSQRT in 32-bit fixed point.

Sources: the definitions of gemmlowp's fixed-point functions; TensorFlow Lite's 8-bit quantization
specification; Howard et al., "Searching for MobileNetV3", 2019, section 5.2 (hard swish).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .arithmetic import Multiplier, quantize_multiplier
from .inverse_sqrt import inverse_sqrt, scaled

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pytest_mlbench.models.tflite.graph import Quantisation


def of_function(function: Callable[[int], int]) -> NDArray[np.int8]:
    """The clamped results of `function` for every int8 value: int8 [256], indexed by its bits."""
    values = [function(value) for value in np.arange(256, dtype=np.uint8).view(np.int8).tolist()]
    return np.clip(values, -128, 127).astype(np.int8)


def _single(value: float) -> np.float32:
    return np.float32(value)


def _saturated(value: int) -> int:
    return min(max(value, -(1 << 15)), (1 << 15) - 1)


def _towards_zero(value: int, bits: int) -> int:
    return value >> bits if value >= 0 else -(-value >> bits)


def _high_mul(left: int, right: int) -> int:
    """left * right / 2**15, to nearest: 16 bit SaturatingRoundingDoublingHighMul."""
    if left == right == -(1 << 15):
        return (1 << 15) - 1
    product = left * right
    return _towards_zero(product + ((1 << 14) if product >= 0 else 1 - (1 << 14)), 15)


def _divide_pot(value: int, exponent: int) -> int:
    """value / 2**exponent, to nearest with ties away from zero."""
    mask = (1 << exponent) - 1
    return (value >> exponent) + ((value & mask) > (mask >> 1) + (value < 0))


def _short(factor: Multiplier) -> int:
    """A 31 bit multiplier rounded to 15 bits."""
    if factor.multiplier >= (1 << 31) - 1 - (1 << 15):
        return (1 << 15) - 1
    return (factor.multiplier + (1 << 15)) >> 16


def hard_swish(source: Quantisation, output: Quantisation) -> NDArray[np.int8]:
    """x * relu6(x + 3) / 6. x is shifted left by 7 bits; relu6 uses a scale of 3 / 2**15."""
    fine = _single(1 / 128) * _single(source.scale)
    to_output = quantize_multiplier(float(fine / _single(output.scale)))
    to_gate = quantize_multiplier(float(fine / _single(3 / 32768)))

    def one(stored: int) -> int:
        value = _saturated((stored - source.zero_point) * 128)
        product = _high_mul(value, _short(to_output))
        gate = value
        if to_gate.shift > 0:
            gate = _saturated(gate << (to_gate.shift - 1))
        gate = _high_mul(gate, _short(to_gate))
        if to_gate.shift > 0:
            gate = _saturated(gate << 1)
        if to_gate.shift < 0:
            gate = _divide_pot(gate, -to_gate.shift)
        gate = (gate + (1 << 15)) >> 1
        raw = _saturated(_towards_zero(gate * product, 15))
        # A left shift is undefined in the interpreter; the lowering refuses such scales.
        return _divide_pot(raw, max(0, -to_output.shift)) + output.zero_point

    return of_function(one)


def elu(source: Quantisation, output: Quantisation) -> NDArray[np.int8]:
    """x for x >= 0, exp(x) - 1 for x < 0."""
    inverse = _single(1) / _single(output.scale)

    def one(stored: int) -> int:
        real = _single(source.scale) * _single(stored - source.zero_point)
        if real < 0:
            real = _single(math.expm1(float(real)))
        steps = float(real * inverse)
        if not math.isfinite(steps):
            return 127 if steps > 0 else -128
        return int(math.copysign(math.floor(abs(steps) + 0.5), steps)) + output.zero_point

    return of_function(one)


def absolute(source: Quantisation, output: Quantisation) -> NDArray[np.int8]:
    """|x|, rescaled if the scales differ."""
    factor = quantize_multiplier(source.scale / output.scale)

    def one(stored: int) -> int:
        value = abs(stored - source.zero_point)
        if source.scale != output.scale:
            value = scaled(value, factor.multiplier, factor.shift)
        return value + output.zero_point

    return of_function(one)


def reciprocal_sqrt(source: Quantisation, output: Quantisation) -> NDArray[np.int8]:
    """1 / sqrt(x); the largest value for 0. Undefined below 0."""
    factor = quantize_multiplier(1 / (math.sqrt(source.scale) * output.scale))
    bits = 20

    def one(stored: int) -> int:
        value = stored - source.zero_point
        if value <= 0:
            return 127
        multiplier, shift = inverse_sqrt(value)
        data = scaled(1, multiplier, bits - shift)
        return scaled(data, factor.multiplier, factor.shift - bits) + output.zero_point

    return of_function(one)
