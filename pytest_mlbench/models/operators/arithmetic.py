"""TensorFlow Lite's quantisation arithmetic: converts float scales to integer parameters.

Sources: Jacob et al., CVPR 2018, section 2.2; the TensorFlow Lite 8-bit quantization
specification; and, where these leave a choice, the observed behaviour of TensorFlow Lite Micro's
interpreter. Everything is computed at build time, in double precision.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from pytest_mlbench.models.tflite.graph import Tensor

LEFT_SHIFT = 20
"""ADD and SUB: bits that the operands gain before they are scaled."""

LIMITS = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767)}
"""The stored values of a type."""

MAX_SHIFT = 30
"""For a larger shift, the left shift of an accumulator is undefined in TensorFlow Lite."""


class NotRepresentable(ValueError):
    """Integer arithmetic cannot express a scale or a ratio of scales; the text says which."""


@dataclass(frozen=True)
class Multiplier:
    """The real factor multiplier * 2**(shift - 31)."""

    multiplier: int
    shift: int


IDENTITY = Multiplier(1 << 30, 1)
"""The factor 1."""


def _round_half_away(value: float) -> int:
    """`value` rounded to an integer, ties away from zero (C's `round`)."""
    return int(math.copysign(math.floor(abs(value) + 0.5), value))


def quantize_multiplier(real: float) -> Multiplier:
    """`real` as a 31-bit multiplier and a shift (`QuantizeMultiplier`); below 2**-31 it is 0.

    Raises NotRepresentable if `real` is negative, not finite or greater than 2**30.
    """
    if not math.isfinite(real) or real < 0:
        raise NotRepresentable(f"the ratio of its scales is {real:g}")
    if real == 0:
        return Multiplier(0, 0)
    fraction, shift = math.frexp(real)
    multiplier = _round_half_away(fraction * (1 << 31))
    if multiplier == 1 << 31:
        multiplier //= 2
        shift += 1
    if shift < -31:
        return Multiplier(0, 0)
    if shift > MAX_SHIFT:
        raise NotRepresentable(f"the ratio of its scales is {real:g}, expected below 2^{MAX_SHIFT}")
    return Multiplier(multiplier, shift)


def quantize_multipliers(reals: Iterable[float]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Multipliers and shifts of many factors, int32 each."""
    pairs = [quantize_multiplier(real) for real in reals]
    return (
        np.array([pair.multiplier for pair in pairs], np.int32),
        np.array([pair.shift for pair in pairs], np.int32),
    )


def smaller_than_one(real: float) -> Multiplier:
    """As `quantize_multiplier`, for a factor that must be in (0, 1), as in ADD and SUB.

    Raises NotRepresentable otherwise.
    """
    if not 0 < real < 1:
        raise NotRepresentable(f"the ratio of its scales is {real:g}, expected between 0 and 1")
    pair = quantize_multiplier(real)
    if pair.shift > 0:
        raise NotRepresentable(f"the ratio of its scales is {real:g}, which rounds to 1")
    return pair


def product_scale(left: float, right: float, output: float) -> float:
    """left * right / output in double precision, in this order."""
    return left * right / output


def activation_range(activation: str, output: Tensor) -> tuple[int, int]:
    """The fused activation's bounds as stored values of `output`.

    Raises NotRepresentable for a fused activation that integer kernels do not support.
    """
    low, high = LIMITS[output.dtype]
    if activation == "NONE":
        return low, high
    scale, zero_point = output.quantisation.scale, output.quantisation.zero_point
    bounds = {"RELU": (0.0, None), "RELU6": (0.0, 6.0), "RELU_N1_TO_1": (-1.0, 1.0)}
    if activation not in bounds:
        raise NotRepresentable(f"the fused activation {activation} has no int8 form")
    least, most = bounds[activation]
    low = max(low, zero_point + stored_steps(least, scale))
    if most is not None:
        high = min(high, zero_point + stored_steps(most, scale))
    return low, high


def stored_steps(real: float, scale: float) -> int:
    """real / scale in float32, rounded with ties away from zero.

    Raises NotRepresentable if the result does not fit int32.
    """
    with np.errstate(over="ignore"):
        steps = float(np.float32(real) / np.float32(scale))
    if not abs(steps) < 2.0**31:
        raise NotRepresentable(f"its scale {scale:g} is too small for an activation bound")
    return _round_half_away(steps)


def output_size(size: int, window: int, stride: int, dilation: int, padding: str) -> int:
    """The number of output rows or columns of a windowed operator."""
    if padding == "SAME":
        return -(-size // stride)
    reach = (window - 1) * dilation + 1
    return (size + stride - reach) // stride


def padding_before(size: int, output: int, window: int, stride: int, dilation: int) -> int:
    """Padding rows above (or columns left of) the image: half of the total, rounded down."""
    reach = (window - 1) * dilation + 1
    return max(0, (output - 1) * stride + reach - size) // 2


def input_radius(integer_bits: int, left_shift: int, total_bits: int = 31) -> int:
    """The largest input whose scaled value still fits (`CalculateInputRadius`)."""
    most = ((1 << integer_bits) - 1) * (1 << (total_bits - integer_bits))
    return math.floor(most / (2.0**left_shift))


def softmax_scaling(beta: float, scale: float) -> tuple[Multiplier, int]:
    """The factor that scales input differences to Q5.26, and the least difference that matters.

    See `PreprocessSoftmaxScaling`. Raises NotRepresentable if the factor is at most 1.
    """
    bits = 5
    real = min(beta * scale * (1 << (31 - bits)), (1 << 31) - 1.0)
    if real <= 1:
        raise NotRepresentable(f"beta times its input's scale is {beta * scale:g}, too small")
    fraction, shift = math.frexp(real)
    multiplier = _round_half_away(fraction * (1 << 31))
    if multiplier == 1 << 31:
        multiplier //= 2
        shift += 1
    return Multiplier(multiplier, shift), -input_radius(bits, shift)


def mean_multiplier(input_scale: float, output_scale: float, count: int) -> Multiplier:
    """input_scale / output_scale / count. The division truncates, after as many bits as fit."""
    pair = quantize_multiplier(input_scale / output_scale)
    bits = min(count.bit_length() - 1, 32, 31 + pair.shift)
    return Multiplier((pair.multiplier << bits) // count, pair.shift - bits)
