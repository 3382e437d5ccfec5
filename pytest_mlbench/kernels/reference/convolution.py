"""Calls of conv2d.c and depthwise_conv2d.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import Struct
from pytest_mlbench.models.operators import layers

from .kernel import bounds, braces, int8_weights, kernel, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_mlbench.kernels.interface import Argument


def conv2d(layer: layers.Conv2D) -> Struct:
    """`struct mlbench_conv2d`."""
    return _convolution(layer, "conv2d", {"filter_c": layer.weights.shape[3]})


def depthwise_conv2d(layer: layers.DepthwiseConv2D) -> Struct:
    """`struct mlbench_depthwise_conv2d`."""
    return _convolution(layer, "depthwise_conv2d", {"depth_multiplier": layer.depth_multiplier})


def _convolution(layer: layers.Conv2D, kind: str, depth: Mapping[str, Argument]) -> Struct:
    return Struct(
        f"struct mlbench_{kind}",
        {
            "weights": int8_weights(layer.weights),
            "bias": words(layer.bias, "bias"),
            "multipliers": words(layer.multipliers, "multipliers"),
            "shifts": words(layer.shifts, "shifts"),
            "input": braces(layer.input_shape),
            "output": braces(layer.output_shape),
            "filter": braces(layer.weights.shape[1:3]),
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
)
