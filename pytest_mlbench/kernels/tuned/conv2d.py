"""CONV_2D and batched FULLY_CONNECTED as matrix products over patches: conv2d.c, gemm_5x4.S."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Behind, KernelCall, Scratch, Struct, TensorRef
from pytest_mlbench.kernels.overlap import Walk, distance, walk

from .gemm import GROUP, TILE, gemm, padded
from .requantise import accumulators, requantisation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.models.operators.layers import Conv2D, FullyConnected

HEADER = "mlbench_tuned.h"


def lower_conv2d(layer: Conv2D) -> KernelCall | None:
    """The call for `layer`; None for a grouped convolution, and where 32 bits do not suffice."""
    if layer.weights.shape[3] != layer.input_shape[3]:
        return None
    pointwise = is_pointwise(layer) and layer.input_shape[3] % 4 == 0
    return _call(
        layer,
        "conv2d_1x1" if pointwise else "conv2d",
        taps(layer),
        geometry(layer),
        walk(layer),
    )


def is_pointwise(layer: Conv2D) -> bool:
    """Whether every output pixel depends on the input pixel at its place alone."""
    return layer.weights.shape[1:3] == (1, 1) and layer.stride == (1, 1) and layer.padding == (0, 0)


def geometry(layer: Conv2D) -> dict[str, int]:
    """struct mlbench_tuned_conv2d for `layer`, without its gemm."""
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


def lower_rows(layer: FullyConnected) -> KernelCall | None:
    """FULLY_CONNECTED over several rows: a pointwise convolution of as many pixels."""
    if layer.weights is None or layer.weights_offset != 0:
        return None
    whole_words = layer.in_features % 4 == 0
    return _call(
        layer,
        "conv2d_1x1" if whole_words else "conv2d",
        layer.weights,
        {
            "positions": layer.batches,
            "channels": layer.out_features,
            "k": layer.in_features,
            "input_h": 1,
            "input_w": layer.batches,
            "input_c": layer.in_features,
            "output_h": 1,
            "output_w": layer.batches,
            "filter_h": 1,
            "filter_w": 1,
            "stride_h": 1,
            "stride_w": 1,
            "dilation_h": 1,
            "dilation_w": 1,
            "padding_h": 0,
            "padding_w": 0,
            "inside_h": 1,
            "inside_w": layer.batches,
            "row": 0,
            "whole_words": int(whole_words),
            "zero_point": -layer.input_offset,
        },
        Walk((1, 1, layer.batches, layer.in_features), (1, 1, layer.batches, layer.out_features)),
    )


def _call(
    layer: Conv2D | FullyConnected,
    kernel: str,
    weights: NDArray[np.int8],
    shape: dict[str, int],
    order: Walk,
) -> KernelCall | None:
    acc = accumulators(weights, layer.bias, layer.input_offset)
    constants = requantisation(acc, layer) if acc else None
    if acc is None or constants is None:
        return None
    patch = padded(shape["k"])
    spare = TILE * max(shape["channels"], GROUP)
    patches = TILE + (kernel == "conv2d")
    return KernelCall(
        kernel=kernel + ("_signed" if constants.is_signed else ""),
        library="tuned",
        function=f"mlbench_tuned_{kernel}",
        header=HEADER,
        arguments=(
            Struct("struct mlbench_tuned_conv2d", {"gemm": gemm(weights, acc, constants), **shape}),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
            Scratch(),
        ),
        scratch=patches * patch + spare,
        behind=(Behind(distance(order, together=TILE)),),
    )


def taps(layer: Conv2D) -> NDArray[np.int8]:
    """[channel, tap] in the order in which patch.c gathers a patch."""
    weights = layer.weights
    if layer.dilation[1] != 1 and weights.shape[2] != 1:
        weights = weights.transpose(0, 2, 1, 3)
    return np.ascontiguousarray(weights.reshape(len(weights), -1))
