"""Facts about a layer's shape, for the kernels of all features."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.models.operators.layers import Conv2D

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.models.operators.layers import DepthwiseConv2D, FullyConnected

HEADER = "mlbench_tuned.h"

GROUP = 4
"""Output channels that a kernel of convolutions computes at once."""

MOST_SCRATCH = 64 << 10
"""The most bytes of scratch; a layer that needs more runs on its integer kernel."""


PATCH = (Path(__file__).with_name("patch.c"),)


def is_pointwise(layer: Conv2D) -> bool:
    """Does every output pixel depend only on the input pixel at the same position?"""
    return layer.weights.shape[1:3] == (1, 1) and layer.stride == (1, 1) and layer.padding == (0, 0)


def geometry(layer: Conv2D) -> dict[str, int]:
    """The fields of struct mlbench_tuned_conv2d for `layer`, without its gemm."""
    batches, input_h, input_w, input_c = layer.input_shape
    channels, filter_h, filter_w, _ = layer.weights.shape
    _, output_h, output_w, _ = layer.output_shape
    dilation_h, dilation_w = layer.dilation
    one_run = dilation_w == 1 or filter_w == 1
    return {
        "positions": batches * output_h * output_w,
        "channels": channels,
        "k": filter_h * filter_w * input_c,
        "input_h": input_h,
        "input_w": input_w,
        "input_c": input_c,
        "output_h": output_h,
        "output_w": output_w,
        "filter_h": filter_h,
        "filter_w": filter_w,
        "stride_h": layer.stride[0],
        "stride_w": layer.stride[1],
        "dilation_h": dilation_h,
        "dilation_w": 1 if one_run else dilation_w,
        "padding_h": layer.padding[0],
        "padding_w": layer.padding[1],
        "inside_h": max(input_h - (filter_h - 1) * dilation_h, 0),
        "inside_w": max(input_w - filter_w + 1, 0) if one_run else 0,
        "row": dilation_h * input_w * input_c,
        "whole_words": int(input_c % 4 == 0),
        "zero_point": -layer.input_offset,
    }


def taps(layer: Conv2D) -> NDArray[np.int8]:
    """The weights [channel, tap], in the order in which patch.c gathers a patch."""
    weights = layer.weights
    if layer.dilation[1] != 1 and weights.shape[2] != 1:
        weights = weights.transpose(0, 2, 1, 3)
    return np.ascontiguousarray(weights.reshape(len(weights), -1))


def edges_3x3(layer: DepthwiseConv2D) -> tuple[int, int, int, int] | None:
    """Padding rows or columns at the top, left, bottom and right of a 3x3 layer, at most one each.

    None for any other layer.
    """
    _, input_h, input_w, _ = layer.input_shape
    _, output_h, output_w, _ = layer.output_shape
    stride = layer.stride[0]
    if (
        layer.weights.shape[1:3] != (3, 3)
        or layer.depth_multiplier != 1
        or layer.dilation != (1, 1)
        or layer.stride not in ((1, 1), (2, 2))
    ):
        return None
    top, left = layer.padding
    bottom = (output_h - 1) * stride - top + 3 - input_h
    right = (output_w - 1) * stride - left + 3 - input_w
    if max(top, left, bottom, right) > 1:
        return None
    return int(top > 0), int(left > 0), int(bottom > 0), int(right > 0)


def group_starts(channels: int) -> list[int]:
    """The first channel of every group of four; `channels` is at least four."""
    return [*range(0, channels - GROUP, GROUP), channels - GROUP]


def padded(count: int, multiple: int = 4) -> int:
    """`count` rounded up to a multiple."""
    return -(-count // multiple) * multiple


def as_convolution(layer: DepthwiseConv2D) -> Conv2D | None:
    """The same layer as a CONV_2D; None if it has several input channels."""
    if layer.input_shape[3] != 1:
        return None
    names = [one.name for one in fields(Conv2D) if one.name not in ("kind", "weights")]
    return Conv2D(
        kind="CONV_2D",
        weights=np.ascontiguousarray(layer.weights.transpose(3, 1, 2, 0)),
        **{name: getattr(layer, name) for name in names},
    )


def as_pointwise(layer: FullyConnected) -> Conv2D | None:
    """The same layer as a pointwise CONV_2D over an image of one row.

    None if the weights are computed or have a zero point.
    """
    if layer.weights is None or layer.weights_offset != 0:
        return None
    channels = layer.out_features
    return Conv2D(
        kind="CONV_2D",
        index=layer.index,
        inputs=layer.inputs,
        outputs=layer.outputs,
        macs=layer.macs,
        input_shape=(1, 1, layer.batches, layer.in_features),
        output_shape=(1, 1, layer.batches, channels),
        weights=layer.weights.reshape(channels, 1, 1, -1),
        bias=layer.bias,
        stride=(1, 1),
        dilation=(1, 1),
        padding=(0, 0),
        input_offset=layer.input_offset,
        output_offset=layer.output_offset,
        multipliers=np.broadcast_to(layer.multipliers, channels),
        shifts=np.broadcast_to(layer.shifts, channels),
        activation_min=layer.activation_min,
        activation_max=layer.activation_max,
    )


def as_row(layer: Conv2D) -> Conv2D:
    """A layer over a one-pixel-wide image, transposed to a one-pixel-high image; others unchanged.

    Both images have the same bytes, but in a row the taps of a filter are contiguous.
    """
    widths = (layer.input_shape[2], layer.output_shape[2], layer.weights.shape[2])
    if widths != (1, 1, 1) or layer.input_shape[1] == 1:
        return layer

    def turned(shape: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        return shape[0], shape[2], shape[1], shape[3]

    return replace(
        layer,
        input_shape=turned(layer.input_shape),
        output_shape=turned(layer.output_shape),
        weights=np.ascontiguousarray(layer.weights.transpose(0, 2, 1, 3)),
        stride=(1, layer.stride[0]),
        dilation=(1, layer.dilation[0]),
        padding=(0, layer.padding[0]),
    )


def beside(module: str, *names: str) -> tuple[Path, ...]:
    """The sources `names` in the folder of `module` (its `__file__`)."""
    return tuple(Path(module).parent / name for name in names)
