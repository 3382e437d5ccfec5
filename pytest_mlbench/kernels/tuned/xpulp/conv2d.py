"""CONV_2D and FULLY_CONNECTED by CORE-V SIMD: xpulp_conv2d.c, xpulp_gemm.S."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import KernelCall, Overlap, Scratch, Struct, TensorRef
from pytest_mlbench.kernels.overlap import distance, walk
from pytest_mlbench.kernels.tuned.geometry import (
    GROUP,
    HEADER,
    PATCH,
    as_pointwise,
    beside,
    geometry,
    is_pointwise,
    padded,
    taps,
)
from pytest_mlbench.kernels.tuned.requantise.fixed_point import accumulators

from .gemm import TILE, defines, gemm, requantisation, suffix

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
    weights, shape = taps(layer), geometry(layer)
    acc = accumulators(weights, layer.bias, layer.input_offset)
    found = requantisation(acc, layer) if acc else None
    if acc is None or found is None:
        return None
    pointwise = is_pointwise(layer) and shape["whole_words"]
    kernel = "xpulp_conv2d_1x1" if pointwise else "xpulp_conv2d"
    if not pointwise and shape["dilation_w"] == 1:
        weights = _rows_of_words(weights, shape["filter_h"])
    k = padded(weights.shape[1])
    compact = padded(shape["k"]) if k != shape["k"] else 0
    spare = TILE * GROUP if shape["channels"] < GROUP else 0
    return KernelCall(
        kernel=kernel + suffix(found),
        library="tuned",
        function=f"mlbench_tuned_{kernel}",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_conv2d",
                {"gemm": gemm(weights, acc, layer, found), **shape},
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
            Scratch(),
        ),
        sources=SOURCES,
        defines=defines(found),
        scratch=TILE * k + max(compact, spare),
        overlaps=(Overlap(distance(walk(layer), together=TILE)),),
    )


def lower_xpulp_fully_connected(layer: FullyConnected, context: LowerContext) -> KernelCall | None:
    """The call for `layer`: one row as a product of its own, several as a pointwise convolution;
    None for weights that are an activation or have a zero point, and where 32 bits do not suffice.
    """
    pointwise = as_pointwise(layer)
    if pointwise is None:
        return None
    if layer.batches != 1 or layer.in_features % 4 or layer.out_features < GROUP:
        return lower_xpulp_conv2d(pointwise, context)
    weights = taps(pointwise)
    acc = accumulators(weights, layer.bias, layer.input_offset)
    found = requantisation(acc, layer) if acc else None
    if acc is None or found is None:
        return None
    return KernelCall(
        kernel="xpulp_fully_connected" + suffix(found),
        library="tuned",
        function="mlbench_tuned_xpulp_gemm_1x4",
        header=HEADER,
        arguments=(
            gemm(weights, acc, layer, found),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
        ),
        sources=GEMM,
        defines=defines(found),
    )


def _rows_of_words(weights: NDArray[np.int8], rows: int) -> NDArray[np.int8]:
    """[channel, tap] with zeros behind each of the filter's rows, up to whole words."""
    channels, k = weights.shape
    filled = np.zeros((channels, rows, padded(k // rows)), np.int8)
    filled[:, :, : k // rows] = weights.reshape(channels, rows, -1)
    return filled.reshape(channels, -1)
