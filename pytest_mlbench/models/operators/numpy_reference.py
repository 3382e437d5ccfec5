"""Executes lowered layers in numpy: the reference where no interpreter's wheel can be had.

The arithmetic is TensorFlow Lite Micro's, written down once more on whole arrays in 64 bit
integers; tests hold it against the interpreter, operator by operator. It shares the lowering
(scales to multipliers) with the `aot` backend, and nothing with kernels, compiler and simulator.
"""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import layers
from .fixed_point import exp_of_negative
from .lower import lower

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_mlbench.models.tflite.graph import Graph

Words = NDArray[np.int64]
"""Integers of at most 32 bits, with room for their products."""


def execute(
    graph: Graph, samples: Sequence[Sequence[bytes]], *, where: str = ""
) -> tuple[tuple[bytes, ...], ...]:
    """The outputs of all samples, `[sample][output]`, raw bytes like the samples.

    Raises UserMistake naming every operator that is not covered.
    """
    lowered = lower(graph, where=where)
    return tuple(_run(graph, lowered, sample) for sample in samples)


def _run(
    graph: Graph, lowered: Sequence[layers.Layer | None], sample: Sequence[bytes]
) -> tuple[bytes, ...]:
    values = {tensor.index: tensor.data for tensor in graph.tensors if tensor.data is not None}
    for index, data in zip(graph.inputs, sample, strict=True):
        tensor = graph.tensors[index]
        values[index] = np.frombuffer(data, tensor.dtype).reshape(tensor.shape)
    for operator, layer in zip(graph.operators, lowered, strict=True):
        target = graph.tensors[operator.outputs[0]]
        if layer is None:
            result = values[operator.inputs[0]]
        else:
            result = compute(layer, *(values[index] for index in layer.inputs))
        values[target.index] = result.reshape(target.shape).astype(target.dtype)
    return tuple(values[index].tobytes() for index in graph.outputs)


def requantise(value: Words, multiplier: Any, shift: Any) -> Words:
    """value * multiplier * 2**(shift - 31), rounded twice (`MultiplyByQuantizedMultiplier`):
    the doubled high word to nearest with ties up, the right shift with ties away from zero."""
    shift = np.asarray(shift, np.int64)
    left, right = np.maximum(shift, 0), np.maximum(-shift, 0)
    # The left shift is 32 bits wide in the interpreter as well.
    high = _high_mul((value << left).astype(np.int32).astype(np.int64), multiplier)
    return _divide_pot(high, right)


def _high_mul(left: Any, right: Any) -> Words:
    product: Words = (np.asarray(left, np.int64) * np.asarray(right, np.int64) + (1 << 30)) >> 31
    return product


def _divide_pot(value: Words, exponent: Any) -> Words:
    mask = (np.int64(1) << np.asarray(exponent, np.int64)) - 1
    rest: Words = value & mask
    quotient: Words = (value >> exponent) + (rest > (mask >> 1) + (value < 0))
    return quotient


@singledispatch
def compute(layer: layers.Layer, *inputs: NDArray[Any]) -> NDArray[Any]:
    """The output of `layer`; stored values in, stored values out."""
    raise NotImplementedError(type(layer).__name__)


def _finish(layer: Any, sums: Words) -> Words:
    """Requantise accumulators, move to the output's zero point, clamp."""
    scaled = requantise(sums, layer.multipliers, layer.shifts) + layer.output_offset
    clamped: Words = np.clip(scaled, layer.activation_min, layer.activation_max)
    return clamped


def _windows(
    values: Words, layer: Any, window: tuple[int, int], dilation: tuple[int, int], fill: int
) -> Words:
    """[batch, out_h, out_w, k_h, k_w, channels]: what each window sees, `fill` beyond the edge."""
    seen = values
    # Height first: it becomes axes 1 and 2, so that the width is then axis 3.
    for axis, place in ((0, 1), (1, 3)):
        size, count = values.shape[1 + axis], layer.output_shape[1 + axis]
        at = np.arange(count)[:, None] * layer.stride[axis] - layer.padding[axis]
        at = at + np.arange(window[axis]) * dilation[axis]
        inside = ((at >= 0) & (at < size)).reshape(at.shape + (1,) * (seen.ndim - place - 1))
        taken = seen.take(np.clip(at, 0, size - 1), axis=place)
        seen = np.where(inside, taken, fill)
    return seen.swapaxes(2, 3)


@compute.register
def _(layer: layers.Conv2D, source: NDArray[Any]) -> Words:
    weights = layer.weights.astype(np.int64)
    channels, high, wide, depth = weights.shape
    values = source.astype(np.int64) + layer.input_offset
    seen = _windows(values, layer, (high, wide), layer.dilation, 0)
    groups = values.shape[-1] // depth
    each = channels // groups
    parts = [
        np.tensordot(
            seen[..., group * depth : (group + 1) * depth],
            weights[group * each : (group + 1) * each],
            ([3, 4, 5], [1, 2, 3]),
        )
        for group in range(groups)
    ]
    return _finish(layer, np.concatenate(parts, axis=-1) + _bias(layer.bias))


@compute.register
def _(layer: layers.DepthwiseConv2D, source: NDArray[Any]) -> Words:
    weights = layer.weights.astype(np.int64)
    values = (source.astype(np.int64) + layer.input_offset).repeat(layer.depth_multiplier, -1)
    seen = _windows(values, layer, (weights.shape[1], weights.shape[2]), layer.dilation, 0)
    return _finish(layer, (seen * weights[0]).sum(axis=(3, 4)) + _bias(layer.bias))


@compute.register
def _(layer: layers.FullyConnected, source: NDArray[Any], *more: NDArray[Any]) -> Words:
    weights = layer.weights if layer.weights is not None else more[0]
    rows = weights.reshape(layer.out_features, layer.in_features).astype(np.int64)
    values = source.reshape(layer.batches, layer.in_features).astype(np.int64)
    sums = (values + layer.input_offset) @ (rows + layer.weights_offset).T
    return _finish(layer, sums + _bias(layer.bias))


def _bias(bias: NDArray[np.int32] | None) -> Any:
    return 0 if bias is None else bias.astype(np.int64)


@compute.register
def _(layer: layers.Pool2D, source: NDArray[Any]) -> Words:
    values = source.astype(np.int64)
    if layer.kind == "MAX_POOL_2D":
        seen = _windows(values, layer, layer.filter, (1, 1), -128)
        result = seen.max(axis=(3, 4))
    else:
        sums = _windows(values, layer, layer.filter, (1, 1), 0).sum(axis=(3, 4))
        ones = np.ones_like(values)
        count = _windows(ones, layer, layer.filter, (1, 1), 0).sum(axis=(3, 4))
        # To nearest, ties away from zero.
        result = np.sign(sums) * ((np.abs(sums) + count // 2) // count)
    clamped: Words = np.clip(result, layer.activation_min, layer.activation_max)
    return clamped


@compute.register
def _(layer: layers.Elementwise, *inputs: NDArray[Any]) -> Words:
    operands = (layer.left, layer.right)
    sides = [
        stored.reshape(operand.shape).astype(np.int64)
        for stored, operand in zip(inputs, operands, strict=True)
    ]
    if layer.kind in ("MAXIMUM", "MINIMUM"):
        chosen: Words = (np.maximum if layer.kind == "MAXIMUM" else np.minimum)(*sides)
        return chosen
    left, right = (side + operand.offset for side, operand in zip(sides, operands, strict=True))
    if layer.kind == "MUL":
        raw = left * right
    else:
        terms = [
            requantise(side << layer.left_shift, operand.multiplier, operand.shift)
            for side, operand in ((left, layer.left), (right, layer.right))
        ]
        raw = terms[0] + terms[1] if layer.kind == "ADD" else terms[0] - terms[1]
    scaled = requantise(raw, layer.output_multiplier, layer.output_shift) + layer.output_offset
    clamped: Words = np.clip(scaled, layer.activation_min, layer.activation_max)
    return clamped


@compute.register
def _(layer: layers.Softmax, source: NDArray[Any]) -> Words:
    """Exponentials in Q0.31, their sum in Q12.19, its reciprocal by Newton and Raphson."""
    values = source.reshape(layer.rows, layer.depth).astype(np.int64)
    below = values - values.max(axis=1, keepdims=True)
    counts = below >= layer.diff_min
    scaled = _high_mul(np.where(counts, below, 0) << layer.shift, layer.multiplier)
    powers = np.where(counts, exp_of_negative(scaled, 5), 0)
    sums = _divide_pot(powers, 12).sum(axis=1)
    result = np.full(values.shape, -128, np.int64)
    for row, total in enumerate(sums.tolist()):
        headroom = 32 - total.bit_length()
        factor = _reciprocal((total << headroom) - (1 << 31))
        exponent = 12 - headroom + 31 - 8
        exact = _divide_pot(_high_mul(powers[row], factor), exponent)
        result[row] = np.where(counts[row], np.clip(exact - 128, -128, 127), -128)
    return result


def _reciprocal(value: int) -> int:
    """1 / (1 + value) in Q0.31 for value in [0, 1) in Q0.31 (gemmlowp/fixedpoint)."""

    def product(left: int, right: int) -> int:
        return (left * right + (1 << 30)) >> 31

    half = (value + (1 << 31)) >> 1
    x = 1515870810 + product(half, -1010580540)
    for _step in range(3):
        x += product(x, (1 << 29) - product(half, x)) << 2
    return min(x << 1, (1 << 31) - 1)


@compute.register
def _(layer: layers.Lookup, source: NDArray[Any]) -> NDArray[Any]:
    return layer.table[source.view(np.uint8)]


@compute.register
def _(layer: layers.Rescale, source: NDArray[Any]) -> Words:
    values = source.astype(np.int64) + layer.input_offset
    scaled = requantise(values, layer.multiplier, layer.shift) + layer.output_offset
    return np.clip(scaled, layer.activation_min, layer.activation_max)


@compute.register
def _(layer: layers.Affine, source: NDArray[Any]) -> NDArray[Any]:
    scale = np.float32(layer.scale)
    if layer.kind == "DEQUANTIZE":
        steps = (source.astype(np.int32) - layer.zero_point).astype(np.float32)
        real: NDArray[np.float32] = steps * scale
        return real
    quotient = (source / scale).astype(np.float64)
    rounded = np.trunc(quotient + np.copysign(0.5, quotient)) + layer.zero_point
    limits = np.iinfo(layer.dtype)
    stored: Words = np.clip(rounded, limits.min, limits.max).astype(np.int64)
    return stored


@compute.register
def _(layer: layers.Pad, source: NDArray[Any]) -> NDArray[Any]:
    result = np.full(layer.output_shape, layer.value, source.dtype)
    place = tuple(
        slice(before, before + size)
        for before, size in zip(layer.before, layer.input_shape, strict=True)
    )
    result[place] = source.reshape(layer.input_shape)
    return result


@compute.register
def _(layer: layers.Mean, source: NDArray[Any]) -> Words:
    values = source.reshape(layer.input_shape).astype(np.int64) + layer.input_offset
    sums = values.sum(axis=layer.axes)
    scaled = requantise(sums, layer.multiplier, layer.shift) + layer.output_offset
    return np.clip(scaled, -128, 127)


@compute.register
def _(layer: layers.Concatenation, *inputs: NDArray[Any]) -> NDArray[Any]:
    parts = [data.reshape(shape) for data, shape in zip(inputs, layer.input_shapes, strict=True)]
    return np.concatenate(parts, axis=layer.axis)
