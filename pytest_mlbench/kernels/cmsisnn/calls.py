"""Which layers the library covers, and the adapter's calls for them. Pure functions."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import (
    Argument,
    Array,
    KernelCall,
    Persistent,
    Scratch,
    ScratchSize,
    Struct,
    TensorRef,
)
from pytest_mlbench.models.operators.layers import (
    Conv2D,
    DepthwiseConv2D,
    Elementwise,
    FullyConnected,
    Pool2D,
    Softmax,
)

from . import initialisers as c
from .initialisers import PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from pytest_mlbench.models.operators.layers import Layer, Operand

HEADER = "mlbench_cmsisnn.h"

FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "conv2d": ("arm_convolve_wrapper_s8", "arm_convolve_wrapper_s8_get_buffer_size"),
    "depthwise_conv2d": (
        "arm_depthwise_conv_wrapper_s8",
        "arm_depthwise_conv_wrapper_s8_get_buffer_size",
    ),
    "fully_connected": (
        "arm_fully_connected_s8",
        "arm_fully_connected_s8_get_buffer_size",
        "arm_vector_sum_s8",
    ),
    "fully_connected_per_channel": (
        "arm_fully_connected_per_channel_s8",
        "arm_fully_connected_s8_get_buffer_size",
        "arm_vector_sum_s8",
    ),
    "average_pool2d": ("arm_avgpool_s8", "arm_avgpool_s8_get_buffer_size"),
    "max_pool2d": ("arm_max_pool_s8",),
    "add": ("arm_elementwise_add_s8",),
    "mul": ("arm_elementwise_mul_s8",),
    "softmax": ("arm_softmax_s8",),
}
"""Kernel -> the library's functions that its adapter calls."""


def call(layer: Layer, library: str) -> KernelCall | None:
    """The adapter's call for `layer`, or None if the library does not cover it."""
    for kind, lower in _LOWER:
        if type(layer) is kind:
            return lower(layer, library)
    return None


def _conv2d(layer: Conv2D, library: str) -> KernelCall | None:
    batches, _, _, depth = layer.input_shape
    out, rows, columns, filter_depth = layer.weights.shape
    if batches != 1 or depth != filter_depth:
        return None  # the oldest versions do not promise several images or groups
    params = c.initialiser(
        input_offset=layer.input_offset,
        output_offset=layer.output_offset,
        stride=c.tile(layer.stride),
        padding=c.tile(layer.padding),
        dilation=c.tile(layer.dilation),
        activation=c.activation(layer),
    )
    return _convolution(layer, library, "conv2d", params, (out, rows, columns, filter_depth))


def _depthwise_conv2d(layer: DepthwiseConv2D, library: str) -> KernelCall | None:
    if layer.input_shape[0] != 1 or layer.dilation != (1, 1):
        return None  # the header says: batches are assumed to be 1, dilation is not used
    _, rows, columns, out = layer.weights.shape
    params = c.initialiser(
        input_offset=layer.input_offset,
        output_offset=layer.output_offset,
        ch_mult=layer.depth_multiplier,
        stride=c.tile(layer.stride),
        padding=c.tile(layer.padding),
        dilation=c.tile(layer.dilation),
        activation=c.activation(layer),
    )
    return _convolution(layer, library, "depthwise_conv2d", params, (1, rows, columns, out))


def _convolution(
    layer: Conv2D, library: str, kernel: str, params: str, weights: Sequence[int]
) -> KernelCall:
    channels = layer.output_shape[3]
    values = {
        "params": params,
        "input": c.dims(layer.input_shape),
        "filter": c.dims(weights),
        "bias": c.dims((1, 1, 1, channels)),
        "output": c.dims(layer.output_shape),
    }
    arrays = _quantised(layer.weights, layer.bias, channels, layer.multipliers, layer.shifts)
    struct = c.struct(kernel, values, arrays)
    return KernelCall(
        kernel=kernel,
        library=library,
        function=PREFIX + kernel,
        header=HEADER,
        arguments=(struct, _in(layer), _out(layer), Scratch(), ScratchSize()),
        scratch=c.asked(f"{kernel}_scratch", kernel, values),
        setup=_prepare(library, kernel, (struct, ScratchSize())),
    )


def _fully_connected(layer: FullyConnected, library: str) -> KernelCall | None:
    if layer.weights is None or layer.weights_offset != 0:
        return None  # the library needs constant weights without a zero point
    kernel = "fully_connected" if layer.multipliers.size == 1 else "fully_connected_per_channel"
    values = {
        "params": c.initialiser(
            input_offset=layer.input_offset,
            filter_offset=0,
            output_offset=layer.output_offset,
            activation=c.activation(layer),
        ),
        "input": c.dims((layer.batches, 1, 1, layer.in_features)),
        "filter": c.dims((layer.in_features, 1, 1, layer.out_features)),
        "bias": c.dims((1, 1, 1, layer.out_features)),
        "output": c.dims((layer.batches, 1, 1, layer.out_features)),
    }
    arrays = _quantised(
        layer.weights, layer.bias, layer.out_features, layer.multipliers, layer.shifts
    )
    struct = c.struct("fully_connected", values, arrays)
    return KernelCall(
        kernel=kernel,
        library=library,
        function=PREFIX + kernel,
        header=HEADER,
        arguments=(struct, _in(layer), _out(layer), Persistent()),
        persistent=c.asked("fully_connected_sums", "fully_connected", values),
        setup=_prepare(library, "fully_connected", (struct, Persistent())),
    )


def _pool2d(layer: Pool2D, library: str) -> KernelCall | None:
    if layer.input_shape[0] != 1:
        return None
    values = {
        "params": c.initialiser(
            stride=c.tile(layer.stride),
            padding=c.tile(layer.padding),
            activation=c.activation(layer),
        ),
        "input": c.dims(layer.input_shape),
        "filter": c.dims((1, *layer.filter, 1)),
        "output": c.dims(layer.output_shape),
    }
    struct = c.struct("pool2d", values, {})
    if layer.kind == "MAX_POOL_2D":
        return _plain(library, "max_pool2d", (struct, _in(layer), _out(layer)))
    return KernelCall(
        kernel="average_pool2d",
        library=library,
        function=PREFIX + "average_pool2d",
        header=HEADER,
        arguments=(struct, _in(layer), _out(layer), Scratch(), ScratchSize()),
        scratch=c.asked("average_pool2d_scratch", "pool2d", values),
        setup=_prepare(library, "average_pool2d", (struct, ScratchSize())),
    )


def _elementwise(layer: Elementwise, library: str) -> KernelCall | None:
    count = prod(layer.output_shape)
    kernel = {"ADD": "add", "MUL": "mul"}.get(layer.kind)
    if kernel is None or prod(layer.left.shape) != count or prod(layer.right.shape) != count:
        return None  # the library does not broadcast
    fields: dict[str, Argument] = {
        "left_offset": layer.left.offset,
        "left_multiplier": layer.left.multiplier,
        "left_requantise_shift": layer.left.shift,
        "right_offset": layer.right.offset,
        "right_multiplier": layer.right.multiplier,
        "right_requantise_shift": layer.right.shift,
        "left_shift": layer.left_shift,
        "output_offset": layer.output_offset,
        "output_multiplier": layer.output_multiplier,
        "output_shift": layer.output_shift,
        "activation": c.activation(layer),
        "count": count,
    }
    activations = list(layer.inputs)
    operands = [_operand(side, activations) for side in (layer.left, layer.right)]
    struct = Struct(f"struct {PREFIX}elementwise", fields, "elementwise")
    return _plain(library, kernel, (struct, *operands, _out(layer)))


def _softmax(layer: Softmax, library: str) -> KernelCall | None:
    fields: dict[str, Argument] = {
        "rows": layer.rows,
        "depth": layer.depth,
        "multiplier": layer.multiplier,
        "shift": layer.shift,
        "diff_min": layer.diff_min,
    }
    struct = Struct(f"struct {PREFIX}softmax", fields, "softmax")
    return _plain(library, "softmax", (struct, _in(layer), _out(layer)))


_LOWER: tuple[tuple[type[Layer], Callable[..., KernelCall | None]], ...] = (
    (Conv2D, _conv2d),
    (DepthwiseConv2D, _depthwise_conv2d),
    (FullyConnected, _fully_connected),
    (Pool2D, _pool2d),
    (Elementwise, _elementwise),
    (Softmax, _softmax),
)


def _plain(library: str, kernel: str, arguments: tuple[Argument, ...]) -> KernelCall:
    return KernelCall(kernel, library, PREFIX + kernel, HEADER, arguments)


def _prepare(library: str, kernel: str, arguments: tuple[Argument, ...]) -> KernelCall:
    return KernelCall(kernel, library, f"{PREFIX}{kernel}_prepare", HEADER, arguments)


def _in(layer: Layer) -> TensorRef:
    return TensorRef(layer.inputs[0])


def _out(layer: Layer) -> TensorRef:
    return TensorRef(layer.outputs[0])


def _operand(side: Operand, activations: list[int]) -> Argument:
    if side.data is not None:
        return Array("int8_t", side.data, name="operand", align=4)
    return TensorRef(activations.pop(0))


def _quantised(
    weights: NDArray[np.int8],
    bias: NDArray[np.int32] | None,
    channels: int,
    multipliers: NDArray[np.int32],
    shifts: NDArray[np.int32],
) -> dict[str, Argument]:
    """The constant arrays. A missing bias becomes zeros, because some versions do not accept a null
    pointer. Weights are aligned, because some kernels load them by words."""
    zeros = np.zeros(channels, np.int32)
    return {
        "weights": Array("int8_t", weights, name="weights", align=4),
        "biases": Array("int32_t", zeros if bias is None else bias, name="bias"),
        "multipliers": Array("int32_t", multipliers, name="multipliers"),
        "shifts": Array("int32_t", shifts, name="shifts"),
    }
