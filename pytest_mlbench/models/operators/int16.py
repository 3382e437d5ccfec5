"""int16x8: int16 activations with zero point 0, int8 weights, an int64 bias.

The layers that the int8 operators lower to when their activations are int16. An accumulator of 64
bits is scaled by a multiplier of 16 bits and rounded once (`MultiplyByQuantizedMultiplier` of
int64); one of 32 bits as int8's are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from .layers import Layer
from .numpy_arithmetic import Words, requantise, windows
from .sigmoid16 import sigmoid, tanh
from .view import common
from .weights import channel_factors, int8_of
from .window import dilation, lower_window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import OperatorView

_NEAR = 1e-3
"""How far a scale's logarithm may be from a whole number."""

LEFT_SHIFT = 15
"""ADD and SUB: bits that the operands gain before they are scaled."""


@dataclass(frozen=True, eq=False)
class Convolution16(Layer):
    """CONV_2D: weights int8 [out_c, k_h, k_w, filter_c]; DEPTHWISE_CONV_2D, depth_multiplier above
    0: weights int8 [1, k_h, k_w, out_c]. bias int64 [out_c] or None, multipliers 16 bits wide."""

    input_shape: tuple[int, int, int, int]
    output_shape: tuple[int, int, int, int]
    weights: NDArray[np.int8]
    bias: NDArray[np.int64] | None
    filter: tuple[int, int]
    filter_c: int
    depth_multiplier: int
    stride: tuple[int, int]
    dilation: tuple[int, int]
    padding: tuple[int, int]
    multipliers: NDArray[np.int32]
    shifts: NDArray[np.int32]
    activation_min: int
    activation_max: int


@dataclass(frozen=True, eq=False)
class FullyConnected16(Layer):
    """weights int8 [out_n, in_n], bias int64 [out_n] or None; multipliers [1] or [out_n], 16 bits
    wide."""

    batches: int
    in_features: int
    out_features: int
    weights: NDArray[np.int8]
    bias: NDArray[np.int64] | None
    multipliers: NDArray[np.int32]
    shifts: NDArray[np.int32]
    activation_min: int
    activation_max: int


@dataclass(frozen=True, eq=False)
class Pool16(Layer):
    """AVERAGE_POOL_2D and MAX_POOL_2D (see `kind`)."""

    input_shape: tuple[int, int, int, int]
    output_shape: tuple[int, int, int, int]
    filter: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    activation_min: int
    activation_max: int


@dataclass(frozen=True, eq=False)
class Elementwise16(Layer):
    """ADD, SUB and MUL (see `kind`): a pair (multiplier, shift) per operand, unused by MUL."""

    left_shape: tuple[int, ...]
    right_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    left: tuple[int, int]
    right: tuple[int, int]
    output: tuple[int, int]
    activation_min: int
    activation_max: int


@dataclass(frozen=True, eq=False)
class Rescale16(Layer):
    """RELU, RELU6 and QUANTIZE where either side is int16."""

    count: int
    input_dtype: str
    output_dtype: str
    input_offset: int
    output_offset: int
    multiplier: int
    shift: int
    activation_min: int
    activation_max: int


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


def is_int16(view: OperatorView) -> bool:
    """Whether any activation is int16."""
    return "int16" in (view.tensor(0).dtype, view.output.dtype)


def type_problem(view: OperatorView, bias: bool = True, required: bool = False) -> str:
    """int8 goes to int8 with an int32 bias, int16 to int16 with an int64 one."""
    source, output = view.tensor(0), view.output
    if source.dtype != output.dtype:
        return f"from {source.dtype} to {output.dtype}"
    zeros = (source.quantisation.zero_point, output.quantisation.zero_point)
    if source.dtype == "int16" and any(zeros):
        return "an int16 zero point other than 0"
    offset = view.optional(2) if bias else None
    wanted = "int64" if source.dtype == "int16" else "int32"
    if offset is not None and offset.dtype != wanted:
        return f"its bias is {offset.dtype}, expected {wanted} beside {source.dtype}"
    if offset is None and required and source.dtype == "int16":
        return "no bias; TensorFlow Lite Micro computes int16 without one in 32 bits"
    return ""


def _short(multipliers: NDArray[np.int32]) -> NDArray[np.int32]:
    """31 bit multipliers rounded to 15 bits."""
    wide = multipliers.astype(np.int64)
    return np.where(wide < 0x7FFF0000, (wide + (1 << 15)) >> 16, 0x7FFF).astype(np.int32)


def _bias(view: OperatorView) -> NDArray[np.int64] | None:
    offset = view.optional(2)
    if offset is None or offset.data is None:
        return None
    return offset.data.reshape(-1).astype(np.int64)


def convolution(view: OperatorView) -> Convolution16:
    """CONV_2D and DEPTHWISE_CONV_2D."""
    _, height, width, depth = view.tensor(1).shape
    depthwise = view.kind == "DEPTHWISE_CONV_2D"
    multipliers, shifts = channel_factors(view, view.output.shape[3])
    each = height * width * (1 if depthwise else depth)
    return Convolution16(
        **common(view, macs=view.output.elements * each),
        **lower_window(view, (height, width), dilation(view)),
        weights=int8_of(view.tensor(1)),
        bias=_bias(view),
        filter=(height, width),
        filter_c=0 if depthwise else depth,
        depth_multiplier=depth // view.tensor(0).shape[3] if depthwise else 0,
        dilation=dilation(view),
        multipliers=_short(multipliers),
        shifts=shifts,
    )


def fully_connected(view: OperatorView) -> FullyConnected16:
    """FULLY_CONNECTED of constant weights."""
    source, weights, output = view.tensor(0), view.tensor(1), view.output
    if weights.data is None or any(weights.quantisation.zero_points):
        raise q.NotRepresentable("int16 with weights that are computed or have a zero point")
    outputs, features = weights.shape
    multipliers, shifts = q.quantize_multipliers(
        q.product_scale(source.quantisation.scale, scale, output.quantisation.scale)
        for scale in weights.quantisation.scales
    )
    low, high = q.activation_range(view.option("fused_activation_function", "NONE"), output)
    return FullyConnected16(
        **common(view, macs=output.elements * features),
        batches=source.elements // features,
        in_features=features,
        out_features=outputs,
        weights=int8_of(weights),
        bias=_bias(view),
        multipliers=_short(multipliers),
        shifts=shifts,
        activation_min=low,
        activation_max=high,
    )


def pool(view: OperatorView, window: tuple[int, int]) -> Pool16:
    """AVERAGE_POOL_2D and MAX_POOL_2D."""
    return Pool16(**common(view), **lower_window(view, window, (1, 1)), filter=window)


def elementwise(view: OperatorView) -> Elementwise16:
    """ADD, SUB and MUL."""
    left, right = (view.tensor(position).quantisation.scale for position in (0, 1))
    output = view.output.quantisation.scale
    if view.kind == "MUL":
        factors = [q.Multiplier(0, 0)] * 2
        last = q.quantize_multiplier(q.product_scale(left, right, output))
    else:
        twice = 2 * max(left, right)
        factors = [q.smaller_than_one(scale / twice) for scale in (left, right)]
        last = q.smaller_than_one(twice / ((1 << LEFT_SHIFT) * output))
    low, high = q.activation_range(view.option("fused_activation_function", "NONE"), view.output)
    return Elementwise16(
        **common(view, 0, 1),
        left_shape=view.tensor(0).shape,
        right_shape=view.tensor(1).shape,
        output_shape=view.output.shape,
        left=(factors[0].multiplier, factors[0].shift),
        right=(factors[1].multiplier, factors[1].shift),
        output=(last.multiplier, last.shift),
        activation_min=low,
        activation_max=high,
    )


def rescale(view: OperatorView, factor: q.Multiplier, low: int, high: int) -> Rescale16:
    """RELU, RELU6 and QUANTIZE."""
    source, output = view.tensor(0), view.output
    return Rescale16(
        **common(view),
        count=source.elements,
        input_dtype=source.dtype,
        output_dtype=output.dtype,
        input_offset=-source.quantisation.zero_point,
        output_offset=output.quantisation.zero_point,
        multiplier=factor.multiplier,
        shift=factor.shift,
        activation_min=low,
        activation_max=high,
    )


def curve(view: OperatorView) -> Curve16:
    """LOGISTIC and TANH: an input in Q3.12 needs no multiplier, any other is brought to it."""
    source, output = view.tensor(0).quantisation, view.output.quantisation
    if (output.scale, output.zero_point, source.zero_point) != (2.0**-15, 0, 0):
        raise q.NotRepresentable("an int16 output of another scale than 1/32768, or a zero point")
    exact = math.log2(source.scale)
    power = round(exact)
    # A scale this near to a power of two is taken for one, as in the interpreter.
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


def requantise64(value: Words, multiplier: Any, shift: Any) -> Words:
    """value * multiplier * 2**(shift - 15), to nearest with ties up; multiplier of 15 bits."""
    total = 15 - np.asarray(shift, np.int64)
    product = value * np.asarray(multiplier, np.int64)
    found: Words = (product + (np.int64(1) << (total - 1))) >> total
    return found


def convolution_reference(layer: Convolution16, source: NDArray[Any]) -> Words:
    """The numpy reference."""
    weights = layer.weights.astype(np.int64)
    values = source.reshape(layer.input_shape).astype(np.int64)
    if layer.depth_multiplier:
        seen = windows(
            values.repeat(layer.depth_multiplier, -1), layer, layer.filter, layer.dilation, 0
        )
        sums = (seen * weights[0]).sum(axis=(3, 4))
    else:
        seen = windows(values, layer, layer.filter, layer.dilation, 0)
        each = weights.shape[0] * layer.filter_c // values.shape[-1]
        parts = [
            np.tensordot(
                seen[..., start * layer.filter_c : (start + 1) * layer.filter_c],
                weights[start * each : (start + 1) * each],
                ([3, 4, 5], [1, 2, 3]),
            )
            for start in range(values.shape[-1] // layer.filter_c)
        ]
        sums = np.concatenate(parts, axis=-1)
    return _finish(layer, sums)


def _finish(layer: Any, sums: Words) -> Words:
    total = sums if layer.bias is None else sums + layer.bias
    scaled = requantise64(total, layer.multipliers, layer.shifts)
    clamped: Words = np.clip(scaled, layer.activation_min, layer.activation_max)
    return clamped


def fully_connected_reference(layer: FullyConnected16, source: NDArray[Any]) -> Words:
    """The numpy reference."""
    values = source.reshape(layer.batches, layer.in_features).astype(np.int64)
    return _finish(layer, values @ layer.weights.astype(np.int64).T)


def elementwise_reference(layer: Elementwise16, *inputs: NDArray[Any]) -> Words:
    """The numpy reference."""
    left, right = (
        one.reshape(shape).astype(np.int64)
        for one, shape in zip(inputs, (layer.left_shape, layer.right_shape), strict=True)
    )
    if layer.kind == "MUL":
        raw = left * right
    else:
        left = requantise(left << LEFT_SHIFT, *layer.left)
        right = requantise(right << LEFT_SHIFT, *layer.right)
        raw = left + right if layer.kind == "ADD" else left - right
    scaled = requantise(raw, *layer.output)
    clamped: Words = np.clip(scaled, layer.activation_min, layer.activation_max)
    return clamped


def rescale_reference(layer: Rescale16, source: NDArray[Any]) -> Words:
    """The numpy reference."""
    values = source.astype(np.int64) + layer.input_offset
    scaled = requantise(values, layer.multiplier, layer.shift) + layer.output_offset
    clamped: Words = np.clip(scaled, layer.activation_min, layer.activation_max)
    return clamped


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
