"""Calls of conv2d.c and depthwise_conv2d.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import Struct, TensorRef
from pytest_mlbench.models.operators import layers

from .kernel import Kernel, bounds, braces, call, int8_weights, kernel, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_mlbench.kernels.interface import Argument, KernelCall


def conv2d(layer: layers.Conv2D) -> Struct:
    """`struct mlbench_conv2d`."""
    weights = layer.weights
    return _convolution(
        layer, "conv2d", int8_weights(weights), weights.shape, {"filter_c": weights.shape[3]}
    )


def depthwise_conv2d(layer: layers.DepthwiseConv2D) -> Struct:
    """`struct mlbench_depthwise_conv2d`."""
    weights = layer.weights
    depth = {"depth_multiplier": layer.depth_multiplier}
    return _convolution(layer, "depthwise_conv2d", int8_weights(weights), weights.shape, depth)


def _computed(layer: layers.ComputedConvolution) -> KernelCall:
    """The same kernels: the struct holds the addresses of weights and bias, wherever they are."""
    depth: dict[str, Argument] = {"filter_c": layer.weights_shape[3]}
    name = "conv2d"
    if layer.depth_multiplier:
        name, depth = "depthwise_conv2d", {"depth_multiplier": layer.depth_multiplier}
    weights: Argument = TensorRef(layer.inputs[1])
    if layer.weights is not None:
        weights = int8_weights(layer.weights)
    made = _convolution(layer, name, weights, layer.weights_shape, depth)
    if layer.computed_bias:
        made = Struct(made.ctype, {**made.fields, "bias": TensorRef(layer.inputs[-1])})
    return call(name, layer, made, TensorRef(layer.inputs[0]))


def _convolution(
    layer: layers.Conv2D | layers.ComputedConvolution,
    kind: str,
    weights: Argument,
    shape: tuple[int, ...],
    depth: Mapping[str, Argument],
) -> Struct:
    return Struct(
        f"struct mlbench_{kind}",
        {
            "weights": weights,
            "bias": words(layer.bias, "bias"),
            "multipliers": words(layer.multipliers, "multipliers"),
            "shifts": words(layer.shifts, "shifts"),
            "input": braces(layer.input_shape),
            "output": braces(layer.output_shape),
            "filter": braces(shape[1:3]),
            **depth,
            "stride": braces(layer.stride),
            "dilation": braces(layer.dilation),
            "padding": braces(layer.padding),
            "input_offset": layer.input_offset,
            "output_offset": layer.output_offset,
            **bounds(layer),
        },
    )


KERNELS = (
    kernel(layers.Conv2D, "conv2d", params=conv2d),
    kernel(layers.DepthwiseConv2D, "depthwise_conv2d", params=depthwise_conv2d),
    Kernel(
        layers.ComputedConvolution,
        {"conv2d": "conv2d.c", "depthwise_conv2d": "depthwise_conv2d.c"},
        _computed,
    ),
)
