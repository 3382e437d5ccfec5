"""CONV_2D and DEPTHWISE_CONV_2D."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Union

import numpy as np

from . import layers
from .int16 import weighted, wide
from .numpy_arithmetic import Words, bias, finish, windows
from .operator import Operator
from .rules import Input, Rule
from .shapes import expect_bias, expect_rank
from .view import common, dims
from .weights import (
    bias_of,
    channel_factors,
    int8_of,
    is_computed,
    weights_of,
    weights_problem,
    with_bias,
)
from .window import dilation, lower_window, window_problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import OperatorView


def _conv_problem(view: OperatorView) -> str:
    problem = expect_rank(view, 4, 0, 1)
    if problem:
        return problem
    outputs, height, width, depth = view.tensor(1).shape
    channels = view.tensor(0).shape[3]
    if channels % depth or outputs % (channels // depth):
        return f"{channels} channels in, {outputs} out and {depth} per filter do not form groups"
    return (
        window_problem(view, (height, width), dilation(view), outputs)
        or expect_bias(view, outputs)
        or weights_problem(view, outputs, 0)
        or wide.type_problem(view)
        or wide.bias_problem(view, narrow=True)
    )


def _depthwise_problem(view: OperatorView) -> str:
    problem = expect_rank(view, 4, 0, 1)
    if problem:
        return problem
    first, height, width, outputs = view.tensor(1).shape
    channels = view.tensor(0).shape[3]
    # The option repeats what the shapes say; 0 means that it is not set.
    multiplier = view.option("depth_multiplier") or max(1, outputs // channels)
    if first != 1 or outputs != channels * multiplier:
        return (
            f"its weights are {dims(view.tensor(1).shape)}, expected 1x{height}x{width}x"
            f"{channels * multiplier}"
        )
    return (
        window_problem(view, (height, width), dilation(view), outputs)
        or expect_bias(view, outputs)
        or weights_problem(view, outputs, 3)
        or wide.type_problem(view)
        or wide.bias_problem(view)
    )


def _convolution(view: OperatorView, window: tuple[int, int]) -> dict[str, Any]:
    multipliers, shifts = channel_factors(view, view.output.shape[3])
    return {
        **lower_window(view, window, dilation(view)),
        "bias": bias_of(view),
        "dilation": dilation(view),
        "input_offset": -view.tensor(0).quantisation.zero_point,
        "output_offset": view.output.quantisation.zero_point,
        "multipliers": multipliers,
        "shifts": shifts,
    }


def _computed(view: OperatorView, macs: int, depth_multiplier: int) -> layers.ComputedConvolution:
    first, height, width, last = view.tensor(1).shape
    weights, positions = weights_of(view)
    return layers.ComputedConvolution(
        **common(view, *positions, macs=macs),
        **_convolution(view, (height, width)),
        weights=weights,
        computed_bias=is_computed(view.optional(2)),
        weights_shape=(first, height, width, last),
        depth_multiplier=depth_multiplier,
    )


def _conv2d(view: OperatorView) -> layers.Layer:
    if wide.is_int16(view):
        return weighted.convolution(view)
    weights = view.tensor(1)
    _, height, width, depth = weights.shape
    macs = view.output.elements * height * width * depth
    if is_computed(weights) or is_computed(view.optional(2)):
        return _computed(view, macs, 0)
    return layers.Conv2D(
        **common(view, macs=macs),
        **_convolution(view, (height, width)),
        weights=int8_of(weights),
    )


def _depthwise_conv2d(view: OperatorView) -> layers.Layer:
    if wide.is_int16(view):
        return weighted.convolution(view)
    weights = view.tensor(1)
    _, height, width, outputs = weights.shape
    macs = view.output.elements * height * width
    depth_multiplier = outputs // view.tensor(0).shape[3]
    if is_computed(weights) or is_computed(view.optional(2)):
        return _computed(view, macs, depth_multiplier)
    return layers.DepthwiseConv2D(
        **common(view, macs=macs),
        **_convolution(view, (height, width)),
        weights=int8_of(weights),
        depth_multiplier=depth_multiplier,
    )


AnyConvolution = Union[  # noqa: UP007
    layers.Conv2D, layers.ComputedConvolution, weighted.Convolution16
]


def _given(
    layer: Any, more: tuple[NDArray[Any], ...]
) -> tuple[layers.Conv2D | layers.ComputedConvolution, Words]:
    """The layer with its bias, and its weights."""
    if isinstance(layer, layers.ComputedConvolution):
        layer, more = with_bias(layer, more)
    stored = layer.weights if layer.weights is not None else more[0]
    return layer, stored.astype(np.int64)


def _conv2d_reference(layer: AnyConvolution, source: NDArray[Any], *more: NDArray[Any]) -> Words:
    if isinstance(layer, weighted.Convolution16):
        return weighted.convolution_reference(layer, source, *more)
    given, weights = _given(layer, more)
    channels, high, across, depth = weights.shape
    values = source.astype(np.int64) + layer.input_offset
    seen = windows(values, given, (high, across), given.dilation, 0)
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
    return finish(given, np.concatenate(parts, axis=-1) + bias(given.bias))


def _depthwise_reference(
    layer: layers.DepthwiseConv2D | layers.ComputedConvolution | weighted.Convolution16,
    source: NDArray[Any],
    *more: NDArray[Any],
) -> Words:
    if isinstance(layer, weighted.Convolution16):
        return weighted.convolution_reference(layer, source, *more)
    given, weights = _given(layer, more)
    values = (source.astype(np.int64) + layer.input_offset).repeat(layer.depth_multiplier, -1)
    seen = windows(values, given, (weights.shape[1], weights.shape[2]), given.dilation, 0)
    return finish(given, (seen * weights[0]).sum(axis=(3, 4)) + bias(given.bias))


_RULE = Rule(
    (
        Input(("int8", "int16")),
        Input(scales="none"),
        Input(("int32", "int64"), optional=True, scales="none"),
    ),
    ("int8", "int16"),
)

OPERATORS = (
    Operator("CONV_2D", _RULE, _conv2d, _conv2d_reference, _conv_problem),
    Operator(
        "DEPTHWISE_CONV_2D", _RULE, _depthwise_conv2d, _depthwise_reference, _depthwise_problem
    ),
)
