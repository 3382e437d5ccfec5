"""CONV_2D and batched FULLY_CONNECTED as matrix products over patches: conv2d.c, gemm_5x4.S."""

from __future__ import annotations

from dataclasses import dataclass
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
    from pathlib import Path

    from pytest_mlbench.kernels.interface import LowerContext
    from pytest_mlbench.kernels.tuned.requantise.fixed_point import Accumulators, FixedPoint
    from pytest_mlbench.models.operators.layers import Conv2D, FullyConnected


SOURCES = (*beside(__file__, "conv2d.c", "gemm_5x4.S", "gemm_1x4.S", "portable_integer.c"), *PATCH)
SOURCES_RV64 = (*beside(__file__, "conv2d_rv64.c", "gemm_rv64.S", "portable_rv64.c"), *PATCH)

HALF_FIELD = 2**20
"""Half of the numbers that one of three fields of a register holds."""

WORDS_RV64 = 3
NAMES = {2: "pairs", 3: "triples"}

MOST_PLANE_CHANNELS, MOST_PLANE = 16, 8 << 10
"""Of layers whose image is copied: output channels, bytes of the copy."""


@dataclass(frozen=True)
class _Way:
    """A kernel, how many positions it computes at once, and its bytes of scratch per tap."""

    kernel: str
    tile: int
    patches: int
    sources: tuple[Path, ...]


def lower_conv2d(layer: Conv2D, context: LowerContext) -> KernelCall | None:
    """The call for `layer`; None for a grouped convolution, and where 32 bits do not suffice."""
    if layer.weights.shape[3] != layer.input_shape[3]:
        return None
    weights, shape = taps(layer), geometry(layer)
    acc = accumulators(weights, layer.bias, layer.input_offset)
    constants = fixed_point(acc, layer) if acc else None
    if acc is None or constants is None:
        return None
    patch, plane = padded(shape["k"]), _plane_bytes(layer)
    way = _for_rv64(layer, acc, constants) if Isa.parse(context.isa).xlen == 64 else None
    if way:
        plane = 0
    elif plane:
        way = _Way("conv2d_plane", TILE, TILE, SOURCES)
    elif is_pointwise(layer) and shape["whole_words"]:
        way = _Way("conv2d_1x1", TILE, TILE, SOURCES)
    else:
        way = _Way("conv2d", TILE, TILE + 1, SOURCES)
    spare = way.tile * max(shape["channels"], GROUP)
    if way.sources == SOURCES_RV64 and not is_pointwise(layer):
        spare = padded(spare)  # buffers of words lie behind it
    return KernelCall(
        kernel=way.kernel + ("_signed" if constants.is_signed else ""),
        library="tuned",
        function=f"mlbench_tuned_{way.kernel}",
        header=HEADER,
        arguments=(
            Struct("struct mlbench_tuned_conv2d", {"gemm": gemm(weights, acc, constants), **shape}),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
            Scratch(),
        ),
        sources=way.sources,
        defines=("MLBENCH_TUNED_GEMM_SIGNED",) if constants.is_signed else (),
        scratch=way.patches * patch + spare + plane,
        overlaps=(Overlap(distance(walk(layer), together=way.tile)),),
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


def _for_rv64(layer: Conv2D, acc: Accumulators, constants: FixedPoint) -> _Way | None:
    """The kernel for RV64, in triples where accumulators fit 21 bits; None if tiles of five
    positions, and what is left over one by one, take fewer instructions per tap and four channels,
    or for too much scratch."""
    shape = geometry(layer)
    positions, patch = shape["positions"], padded(shape["k"])
    rest = positions % TILE
    fives = 49 * (positions // TILE + (rest == TILE - 1)) + 14 * (rest if rest < TILE - 1 else 0)
    fields = 3 if _fit_a_field(acc, constants) else 2
    tile = WORDS_RV64 * fields
    buffers = 0 if is_pointwise(layer) else fields
    way = _Way(
        f"conv2d_rv64_{NAMES[fields]}",
        tile,
        8 * WORDS_RV64 + buffers,
        SOURCES_RV64,
    )
    cost = 32 * -(-positions // tile)
    return way if cost < fives and way.patches * patch <= MOST_SCRATCH else None


def _fit_a_field(acc: Accumulators, constants: FixedPoint) -> bool:
    """Whether accumulators fit 21 bits wherever outputs depend on them; see gemm_rv64.S."""
    small = (acc.smallest >= -HALF_FIELD) & (acc.largest < HALF_FIELD)
    return bool((small | (constants.multiplier == 0)).all())
