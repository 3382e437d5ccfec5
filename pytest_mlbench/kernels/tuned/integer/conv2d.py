"""CONV_2D and batched FULLY_CONNECTED as matrix products over patches: conv2d.c, gemm_5x4.S."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.isa import Isa
from pytest_mlbench.kernels.interface import KernelCall, Overlap, Scratch, Struct, TensorRef
from pytest_mlbench.kernels.overlap import distance, walk
from pytest_mlbench.kernels.tuned.geometry import (
    GROUP,
    HEADER,
    MOST_SCRATCH,
    PATCH,
    as_pointwise,
    beside,
    geometry,
    is_pointwise,
    padded,
    taps,
)
from pytest_mlbench.kernels.tuned.requantise.fixed_point import accumulators, fixed_point

from .gemm import TILE, gemm

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import LowerContext
    from pytest_mlbench.models.operators.layers import Conv2D, FullyConnected


SOURCES = (*beside(__file__, "conv2d.c", "gemm_5x4.S", "gemm_1x4.S", "portable_integer.c"), *PATCH)
SOURCES_RV64 = (*beside(__file__, "conv2d_rv64.c", "gemm_rv64.S", "portable_rv64.c"), *PATCH)

MOST_PLANE_CHANNELS, MOST_PLANE = 16, 8 << 10
"""Of layers whose image is copied: output channels, bytes of the copy."""

TILE_RV64 = 8
"""Positions, in pairs."""

PATCHES_RV64 = 8 * TILE_RV64 // 2 + 2
"""Bytes of scratch per tap: pairs in double words, and two gathered patches."""


def lower_conv2d(layer: Conv2D, context: LowerContext) -> KernelCall | None:
    """The call for `layer`; None for a grouped convolution, and where 32 bits do not suffice."""
    if layer.weights.shape[3] != layer.input_shape[3]:
        return None
    weights, shape = taps(layer), geometry(layer)
    acc = accumulators(weights, layer.bias, layer.input_offset)
    constants = fixed_point(acc, layer) if acc else None
    if acc is None or constants is None:
        return None
    kernel = "conv2d_1x1" if is_pointwise(layer) and shape["whole_words"] else "conv2d"
    patch = padded(shape["k"])
    plane = _plane_bytes(layer)
    if plane:
        kernel = "conv2d_plane"
    tile, patches, sources = TILE, TILE + (kernel == "conv2d"), SOURCES
    if Isa.parse(context.isa).xlen == 64 and _is_paired(shape["positions"], patch):
        kernel, tile, patches, sources = "conv2d_rv64", TILE_RV64, PATCHES_RV64, SOURCES_RV64
        plane = 0
    spare = tile * max(shape["channels"], GROUP)
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
        sources=sources,
        defines=("MLBENCH_TUNED_GEMM_SIGNED",) if constants.is_signed else (),
        scratch=patches * patch + spare + plane,
        overlaps=(Overlap(distance(walk(layer), together=tile)),),
    )


def lower_rows(layer: FullyConnected, context: LowerContext) -> KernelCall | None:
    """FULLY_CONNECTED over several rows: a pointwise convolution of as many pixels."""
    pointwise = as_pointwise(layer)
    return lower_conv2d(pointwise, context) if pointwise else None


def _plane_bytes(layer: Conv2D) -> int:
    """Bytes of the image with its padding, where a copy of it pays; else 0. Of many output channels
    a patch is put together once for all, and the copy would take memory for little."""
    batches, _, _, c = layer.input_shape
    _, output_h, output_w, channels = layer.output_shape
    _, filter_h, filter_w, _ = layer.weights.shape
    if (
        batches != 1
        or c % 4 == 0
        or filter_w * c % 4
        or channels > MOST_PLANE_CHANNELS
        or layer.dilation != (1, 1)
    ):
        return 0
    height = (output_h - 1) * layer.stride[0] + filter_h
    size = height * padded(((output_w - 1) * layer.stride[1] + filter_w) * c)
    return size if size <= MOST_PLANE else 0


def _is_paired(positions: int, patch: int) -> bool:
    """Whether RV64's tiles of eight positions take fewer instructions per tap and four channels
    than those of five, and what is left over one by one; and not too much scratch."""
    rest = positions % TILE
    fives = 49 * (positions // TILE + (rest == TILE - 1)) + 14 * (rest if rest < TILE - 1 else 0)
    eights = 41 * -(-positions // TILE_RV64)
    return eights < fives and PATCHES_RV64 * patch <= MOST_SCRATCH
