"""MAX_POOL_2D and MEAN for V 1.0: vector_max_pool2d*, vector_reduce.S."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import Overlap
from pytest_mlbench.kernels.overlap import distance_of_rows, walk
from pytest_mlbench.kernels.tuned.geometry import beside
from pytest_mlbench.kernels.tuned.pooling import (
    blocks_of_a_row,
    blocks_per_branch,
    mean_call,
    pool_call,
)

from .common import vector_length

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Mean, Pool2D

SOURCES = beside(__file__, "vector_reduce.S", "portable_arithmetic.c", "vector_max_pool2d.c")

SOURCES_OF_ROWS = beside(__file__, "vector_max_pool2d_rows.c", "vector_maximum.S")

SOURCES_OF_SQUARES = beside(__file__, "vector_max_pool2d_2x2.S", "portable_pool.c")

SOURCES_OF_BLOCKS = beside(__file__, "vector_max_pool2d_2x2_blocks.S", "portable_pool.c")


def lower_vector_max_pool2d_blocks(layer: Pool2D, context: LowerContext) -> KernelCall | None:
    """The call for windows of 2x2 that are two columns apart and inside the image, if 128 outputs
    of all channels fit eight registers and nothing is clamped."""
    if _is_clamped(layer) or not _is_square_inside(layer) or layer.stride[1] != 2:
        return None
    _, rows, width, channels = layer.output_shape
    blocks = blocks_of_a_row(width, channels)
    if not blocks or vector_length(context.isa) < 128:
        return None
    name = f"vector_max_pool2d_2x2_blocks_{blocks_per_branch(blocks, rows)}"
    call = _call_for_rows(layer, name, SOURCES_OF_BLOCKS)
    return replace(call, arguments=(*call.arguments, width * channels // blocks))


def lower_vector_max_pool2d(layer: Pool2D, context: LowerContext) -> KernelCall:
    """The call for a MAX_POOL_2D with any window: a row of outputs at once if nothing is
    clamped."""
    if _is_clamped(layer):
        return pool_call(layer, "vector_max_pool2d", SOURCES)
    channels = layer.input_shape[3]
    block = next(size for size in (8, 4, 1) if channels % size == 0)
    square = _is_square_inside(layer)
    whole = _channels_at_once(layer, vector_length(context.isa)) if square else 0
    if whole:
        return _call_for_rows(layer, f"vector_max_pool2d_2x2_row_{whole}", SOURCES_OF_SQUARES)
    name = f"vector_max_pool2d_{'2x2_' * square}{block}"
    return _call_for_rows(layer, name, (*SOURCES[:2], *SOURCES_OF_ROWS))


def _call_for_rows(layer: Pool2D, kernel: str, sources: tuple[Path, ...]) -> KernelCall:
    """The call of a kernel that takes the pixels of a row in any order."""
    call = pool_call(layer, kernel, sources)
    return replace(call, overlaps=(Overlap(distance_of_rows(walk(layer))),))


def _channels_at_once(layer: Pool2D, vlen: int) -> int:
    """As many as leave room for a row of outputs in eight registers: 64, 32, 16, 8, or 0 if a row
    is longer or pixels are no double words."""
    _, _, width, channels = layer.output_shape
    sizes = (size for size in (64, 32, 16, 8) if channels % size == 0)
    return next((size for size in sizes if size * width <= vlen), 0)


def _is_clamped(layer: Pool2D) -> bool:
    return (layer.activation_min, layer.activation_max) != (-128, 127)


def _is_square_inside(layer: Pool2D) -> bool:
    """Whether windows are 2x2, and none reaches beyond the image."""
    return layer.filter == (2, 2) and all(
        layer.padding[i] == 0
        and (layer.output_shape[1 + i] - 1) * layer.stride[i] + layer.filter[i]
        <= layer.input_shape[1 + i]
        for i in (0, 1)
    )


def lower_vector_mean(layer: Mean, _context: LowerContext) -> KernelCall | None:
    """The call for `layer`.

    None unless the reduced axes are adjacent and followed by a kept one, and for factors >= 1.
    """
    if not -31 <= layer.shift <= 0:
        return None
    call = mean_call(layer, "vector_mean", SOURCES[:2])
    return call and replace(call, overlaps=())
