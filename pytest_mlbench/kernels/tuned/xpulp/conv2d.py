"""CONV_2D and FULLY_CONNECTED by CORE-V SIMD: xpulp_conv2d.c, xpulp_gemm.S."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Behind, KernelCall, Scratch, Struct, TensorRef
from pytest_mlbench.kernels.overlap import Walk, distance, walk
from pytest_mlbench.kernels.tuned.geometry import (
    GROUP,
    HEADER,
    PATCH,
    beside,
    geometry,
    is_pointwise,
    padded,
    taps,
)
from pytest_mlbench.kernels.tuned.requantise.fixed_point import accumulators, fixed_point

from .gemm import TILE, gemm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.kernels.interface import LowerContext
    from pytest_mlbench.models.operators.layers import Conv2D, FullyConnected

GEMM = beside(__file__, "xpulp_gemm.S", "portable_xpulp.c")
SOURCES = (*beside(__file__, "xpulp_conv2d.c"), *GEMM, *PATCH)


def lower_xpulp_conv2d(layer: Conv2D, _context: LowerContext) -> KernelCall | None:
    """The call for `layer`; None for a grouped convolution, and where 32 bits do not suffice."""
    if layer.weights.shape[3] != layer.input_shape[3]:
        return None
    pointwise = is_pointwise(layer) and layer.input_shape[3] % 4 == 0
    return _convolution(
        layer,
        "xpulp_conv2d_1x1" if pointwise else "xpulp_conv2d",
        taps(layer),
        geometry(layer),
        walk(layer),
    )


def lower_xpulp_fully_connected(layer: FullyConnected, _context: LowerContext) -> KernelCall | None:
    """The call for `layer`: one row as a product of its own, several as a pointwise convolution;
    None for weights that are an activation or have a zero point, and where 32 bits do not suffice.
    """
    if layer.weights is None or layer.weights_offset != 0:
        return None
    whole = layer.in_features % 4 == 0
    if layer.batches == 1 and whole and layer.out_features >= GROUP:
        return _row(layer)
    shape = {
        "positions": layer.batches,
        "channels": layer.out_features,
        "k": layer.in_features,
        "input_h": 1,
        "input_w": layer.batches,
        "input_c": layer.in_features,
        "output_h": 1,
        "output_w": layer.batches,
        **dict.fromkeys(("filter_h", "filter_w", "stride_h", "stride_w"), 1),
        **dict.fromkeys(("dilation_h", "dilation_w"), 1),
        **dict.fromkeys(("padding_h", "padding_w", "row"), 0),
        "inside_h": 1,
        "inside_w": layer.batches,
        "whole_words": int(whole),
        "zero_point": -layer.input_offset,
    }
    order = Walk(
        (1, 1, layer.batches, layer.in_features), (1, 1, layer.batches, layer.out_features)
    )
    kernel = "xpulp_conv2d_1x1" if whole else "xpulp_conv2d"
    return _convolution(layer, kernel, layer.weights, shape, order)


def _row(layer: FullyConnected) -> KernelCall | None:
    assert layer.weights is not None
    acc = accumulators(layer.weights, layer.bias, layer.input_offset)
    constants = fixed_point(acc, layer) if acc else None
    if acc is None or constants is None:
        return None
    return KernelCall(
        kernel="xpulp_fully_connected" + ("_signed" if constants.is_signed else ""),
        library="tuned",
        function="mlbench_tuned_xpulp_gemm_1x4",
        header=HEADER,
        arguments=(
            gemm(layer.weights, acc, constants),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
        ),
        sources=GEMM,
    )


def _convolution(
    layer: Conv2D | FullyConnected,
    kernel: str,
    weights: NDArray[np.int8],
    shape: dict[str, int],
    order: Walk,
) -> KernelCall | None:
    acc = accumulators(weights, layer.bias, layer.input_offset)
    constants = fixed_point(acc, layer) if acc else None
    if acc is None or constants is None:
        return None
    if kernel == "xpulp_conv2d" and shape["dilation_w"] == 1:
        weights = _rows_of_words(weights, shape["filter_h"])
    k = padded(weights.shape[1])
    compact = padded(shape["k"]) if k != shape["k"] else 0
    spare = TILE * GROUP if shape["channels"] < GROUP else 0
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
        sources=SOURCES,
        scratch=TILE * k + max(compact, spare),
        behind=(Behind(distance(order, together=TILE)),),
    )


def _rows_of_words(weights: NDArray[np.int8], rows: int) -> NDArray[np.int8]:
    """[channel, tap] with zeros behind each of the filter's rows, up to whole words."""
    channels, k = weights.shape
    filled = np.zeros((channels, rows, padded(k // rows)), np.int8)
    filled[:, :, : k // rows] = weights.reshape(channels, rows, -1)
    return filled.reshape(channels, -1)
