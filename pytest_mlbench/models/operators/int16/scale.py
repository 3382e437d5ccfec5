"""QUANTIZE, DEQUANTIZE, RELU, RELU6, LOGISTIC, TANH, ABS and RSQRT: functions of one value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlbench.models.operators import arithmetic as q
from pytest_mlbench.models.operators.inverse_sqrt import inverse_sqrt, scaled
from pytest_mlbench.models.operators.layers import Layer, Rescale
from pytest_mlbench.models.operators.numpy_arithmetic import Words, requantise
from pytest_mlbench.models.operators.sigmoid16 import sigmoid, tanh
from pytest_mlbench.models.operators.view import common

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.models.operators.view import OperatorView

_NEAR = 1e-3
"""How far a scale's logarithm may be from an integer."""

_BITS = 20
"""RSQRT: fractional bits of the inverse square root."""


@dataclass(frozen=True, eq=False)
class Rescale16(Rescale):
    """RELU, RELU6 and QUANTIZE with an int16 input or output, and QUANTIZE from int32."""


@dataclass(frozen=True, eq=False)
class Affine16(Layer):
    """QUANTIZE from and DEQUANTIZE to float32 (see `kind`): real = scale * stored."""

    count: int
    scale: float


@dataclass(frozen=True, eq=False)
class Curve16(Layer):
    """LOGISTIC and TANH (see `kind`) by `sigmoid16`, with its multiplier and shift."""

    count: int
    multiplier: int
    shift: int


@dataclass(frozen=True, eq=False)
class Unary16(Layer):
    """ABS (not scaled when the multiplier is 0) and RSQRT (see `kind`)."""

    count: int
    input_offset: int
    output_offset: int
    multiplier: int
    shift: int


def curve(view: OperatorView) -> Curve16:
    """LOGISTIC and TANH: an input in Q3.12 needs no multiplier; any other is scaled to Q3.12."""
    source, output = view.tensor(0).quantisation, view.output.quantisation
    if (output.scale, output.zero_point, source.zero_point) != (2.0**-15, 0, 0):
        raise q.NotRepresentable("an int16 output of another scale than 1/32768, or a zero point")
    exact = math.log2(source.scale)
    power = round(exact)
    # Like the interpreter, treat a scale this close to a power of two as one.
    known = abs(exact - power) < _NEAR and 12 + power in (
        (0,) if view.kind == "LOGISTIC" else (0, 1)
    )
    multiplier, shift = 0, 12 + power if known else 0
    if not known:
        real = source.scale * 4096.0 * 3.0
        while real <= 32767.0 / 2.0 and shift <= 30:
            shift += 1
            real *= 2.0
        if not real < 2.0**31:
            raise q.NotRepresentable(f"its input's scale is {source.scale:g}")
        multiplier = int(real)
        if multiplier > 0xFFFF:
            raise q.NotRepresentable(f"its input's scale is {source.scale:g}, too large")
    return Curve16(**common(view), count=view.output.elements, multiplier=multiplier, shift=shift)


def curve_reference(layer: Curve16, source: NDArray[Any]) -> Words:
    """The numpy reference."""
    function = sigmoid if layer.kind == "LOGISTIC" else tanh
    return function(source, layer.multiplier, layer.shift)


def affine_reference(layer: Affine16, source: NDArray[Any]) -> NDArray[Any]:
    """The numpy reference."""
    scale = np.float32(layer.scale)
    if layer.kind == "DEQUANTIZE":
        real: NDArray[Any] = source.astype(np.float32) * scale
        return real
    with np.errstate(over="ignore"):
        steps = (source / scale).astype(np.float64)
    steps = np.nan_to_num(steps, nan=0.0, posinf=2.0**31, neginf=-(2.0**31))
    rounded: NDArray[Any] = np.trunc(steps + np.copysign(0.5, steps))
    stored: NDArray[Any] = np.clip(rounded, -(1 << 15), (1 << 15) - 1)
    return stored


def affine(view: OperatorView) -> Affine16:
    """QUANTIZE from and DEQUANTIZE to float32."""
    stored = view.output if view.output.dtype == "int16" else view.tensor(0)
    if stored.quantisation.zero_point:
        raise q.NotRepresentable("an int16 zero point other than 0")
    return Affine16(**common(view), count=view.output.elements, scale=stored.quantisation.scale)


def unary(view: OperatorView) -> Unary16:
    """ABS and RSQRT."""
    source, output = view.tensor(0).quantisation, view.output.quantisation
    if view.kind == "RSQRT":
        factor = q.quantize_multiplier(1 / (math.sqrt(source.scale) * output.scale))
    elif source.scale == output.scale:
        factor = q.Multiplier(0, 0)
    else:
        factor = q.quantize_multiplier(source.scale / output.scale)
    return Unary16(
        **common(view),
        count=view.output.elements,
        input_offset=-source.zero_point,
        output_offset=output.zero_point,
        multiplier=factor.multiplier,
        shift=factor.shift,
    )


def _rsqrt(layer: Unary16, value: int) -> int:
    if value <= 0:
        return (1 << 15) - 1 - layer.output_offset
    multiplier, shift = inverse_sqrt(value)
    return scaled(scaled(1, multiplier, _BITS - shift), layer.multiplier, layer.shift - _BITS)


def unary_reference(layer: Unary16, source: NDArray[Any]) -> Words:
    """The numpy reference."""
    values = source.astype(np.int64) + layer.input_offset
    if layer.kind == "ABS":
        found = np.abs(values)
        if layer.multiplier:
            found = requantise(found, layer.multiplier, layer.shift)
    else:
        found = np.vectorize(lambda value: _rsqrt(layer, value), otypes=[np.int64])(values)
    clamped: Words = np.clip(found + layer.output_offset, -(1 << 15), (1 << 15) - 1)
    return clamped
