"""CONV_2D with two activations in one double (`dext`): conv2d_pairs.c."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Null, Scratch, Struct, TensorRef
from pytest_mlbench.kernels.tuned.geometry import (
    GROUP,
    HEADER,
    MOST_SCRATCH,
    PATCH,
    beside,
    geometry,
    group_starts,
    is_pointwise,
    padded,
    taps,
)
from pytest_mlbench.kernels.tuned.requantise.double import Double, prove
from pytest_mlbench.kernels.tuned.requantise.fixed_point import accumulators

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.kernels.interface import LowerContext
    from pytest_mlbench.models.operators.layers import Conv2D

SMALL_SCRATCH = 15 << 10
"""Bytes for packed patches and their other buffers, where several tiles fit. With 24 KiB, MLPerf
Tiny's keyword spotting would need 6.1 kB more RAM and 1.4 % fewer instructions, with 40 KiB 21.5 kB
more and 2.8 % fewer: weights become doubles less often."""

SCRATCH = 24 << 10
"""The same for more taps."""

SCRATCH_WITH_IMAGE = 20 << 10
"""The same where a padded image lies beside the patches. That is the first layer of many networks,
and its output their largest tensor: two chunks take 2 % more of its instructions than one, and half
of the bytes."""

TILE = 6
MOST_ROWS = 16
SHORT_RUN = 8
"""A filter row with fewer taps does not pay for the loop around it."""

LARGE = 16
MANY = 3 * TILE
"""Fewer channels or pairs do not pay for a second kernel with expanded weights."""


SOURCES = (
    *beside(
        __file__,
        "conv2d_pairs.c",
        "conv2d_pairs_tiles.c",
        "gemm_pairs.S",
        "gemm_pairs_expanded.S",
        "gemm_pairs_finish.S",
        "portable_pairs.c",
    ),
    *PATCH,
)


def lower_conv2d_pairs(layer: Conv2D, _context: LowerContext) -> KernelCall | None:
    """The call for `layer`, or None if the integer kernel runs."""
    weights = taps(layer)
    channels = len(weights)
    shape = geometry(layer)
    if layer.weights.shape[3] != layer.input_shape[3] or channels < GROUP:
        return None
    if shape["positions"] == 1:  # without a partner
        return None
    variant = _variant(layer, shape)
    acc = accumulators(weights, layer.bias, layer.input_offset)
    constants = prove(weights, acc, layer) if acc else None
    if acc is None or constants is None:
        return None
    if variant.scratch > MOST_SCRATCH:
        return None
    return KernelCall(
        kernel=f"conv2d_pairs_{variant.kernel}" + ("_signed" if constants.d.any() else ""),
        library="tuned",
        function=f"mlbench_tuned_conv2d_pairs_{variant.kernel}",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_pairs",
                {
                    "conv": Struct("struct mlbench_tuned_conv2d", {"gemm": Null(), **shape}),
                    "stream": Array(
                        "uint32_t", _stream(weights, constants), align=8, name="stream"
                    ),
                    "pack": f"mlbench_tuned_pairs_{variant.pack}" if variant.pack else Null(),
                    **(
                        {"kept_words": (variant.kept or 0) // 8}
                        if variant.kernel == "rows"
                        else {"chunk": variant.chunk}
                    ),
                    "image": variant.image or Null(),
                },
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
            Scratch(),
        ),
        sources=SOURCES,
        defines=(
            f"MLBENCH_TUNED_PAIRS_PITCH={channels}",
            *(("MLBENCH_TUNED_PAIRS_SIGNED",) if constants.d.any() else ()),
            *(("MLBENCH_TUNED_PAIRS_ANY_CHANNELS",) if channels % GROUP else ()),
        ),
        scratch=variant.scratch,
        in_place=((0, 0),) if _may_overwrite(layer, variant, shape) else (),
    )


@dataclass(frozen=True)
class _Variant:
    """A variant of the kernel: its name, how pairs are packed (see conv2d_pairs.c), how many at
    once, whether a whole padded image is one patch, bytes of scratch, and how many of these hold a
    copy of the image's rows that both halves read."""

    kernel: str
    scratch: int
    pack: str = ""
    chunk: int = 0
    image: Struct | None = None
    kept: int | None = None


def _may_overwrite(layer: Conv2D, variant: _Variant, shape: dict[str, int]) -> bool:
    """May outputs overwrite the input?

    Yes if the whole input is packed or copied before the first output is written, and for a
    pointwise layer whose outputs of each chunk end before the next chunk's inputs begin.
    """
    if (
        variant.kept is not None
        or variant.image is not None
        or 2 * variant.chunk >= shape["positions"]
    ):
        return True
    return variant.chunk > 0 and is_pointwise(layer) and shape["channels"] <= shape["k"]


def _rows_to_keep(shape: dict[str, int]) -> int | None:
    """How many rows of the image conv2d_pairs.c copies so that the output may lie over it, None
    if it may not: those that the first half reads, from where the second half's outputs begin.
    More rows than a filter has are not worth it."""
    row, output_row = shape["input_w"] * shape["input_c"], shape["output_w"] * shape["channels"]
    height, stride, padding = shape["input_h"], shape["stride_h"], shape["padding_h"]
    filter_h, half = shape["filter_h"], -(-shape["output_h"] // 2)
    shift = shape["output_h"] - half
    last = min((half - 1) * stride + filter_h - 1 - padding, height - 1)
    several_images = shape["positions"] != shape["output_h"] * shape["output_w"]
    if several_images or row % 8 or not 0 <= last + 1 - shift <= filter_h:
        return None
    made = 0
    for y in range(half):
        written = ((0, y * output_row), (shift * output_row, (shift + y) * output_row))
        for first in range(max(made, y * stride) - padding, y * stride + filter_h - padding):
            rows = [*([first] if 0 <= first < shift else []), first + shift * stride]
            for start, end in ((at * row, (at + 1) * row) for at in rows if 0 <= at < height):
                if any(start < upper and lower < end for lower, upper in written):
                    return None
        made = y * stride + filter_h
    return last + 1 - shift


def _variant(layer: Conv2D, shape: dict[str, int]) -> _Variant:
    k = shape["k"]
    pointwise = is_pointwise(layer)
    several_rows = layer.output_shape[1] > 1 and shape["filter_h"] <= MOST_ROWS
    if (
        not pointwise
        and shape["filter_w"] * shape["input_c"] >= SHORT_RUN
        and layer.dilation == (1, 1)
        and several_rows
    ):
        reach = (shape["output_w"] - 1) * shape["stride_w"] + shape["filter_w"]
        slot = (reach + shape["stride_w"]) * shape["input_c"]
        scratch = 8 * shape["filter_h"] * slot + padded(shape["input_w"] * shape["input_c"], 8)
        rows = _rows_to_keep(shape)
        kept = None if rows is None else rows * shape["input_w"] * shape["input_c"]
        if kept is not None and scratch + kept <= MOST_SCRATCH:
            return _Variant("rows", scratch + kept, kept=kept)
        if scratch <= MOST_SCRATCH:
            return _Variant("rows", scratch)
    pairs = -(-shape["positions"] // 2)
    high, wide = (
        (layer.output_shape[1 + i] - 1) * layer.stride[i]
        + (layer.weights.shape[1 + i] - 1) * layer.dilation[i]
        + 1
        for i in (0, 1)
    )
    bytes_of_image = high * wide * shape["input_c"]
    fixed = 8 * GROUP * k + (0 if pointwise else layer.input_shape[0] * bytes_of_image)
    few = _chunk(shape["positions"], 8 * k, fixed, SMALL_SCRATCH) if pointwise else 0
    chunk = few or _chunk(
        shape["positions"], 8 * k, fixed, SCRATCH if pointwise else SCRATCH_WITH_IMAGE
    )
    if chunk and shape["channels"] >= LARGE:
        scratch = 8 * _tiled(chunk) * k + fixed
        if pointwise:
            return _Variant("expanded", scratch, "tile_pixels", chunk)
        patch = {"filter_h": high, "filter_w": wide, "dilation_h": 1, "dilation_w": 1}
        patch |= {"k": bytes_of_image, "row": shape["input_w"] * shape["input_c"]}
        image = Struct("struct mlbench_tuned_conv2d", {"gemm": Null(), **shape, **patch})
        return _Variant("expanded", scratch, "tile_padded", chunk, image)
    chunk = min(pairs, max(SCRATCH // (8 * k) - TILE, TILE))
    scratch = 8 * _tiled(chunk) * k + (0 if pointwise else 2 * padded(k))
    return _Variant("patches", scratch, "pack_pixels" if pointwise else "pack_patches", chunk)


def _chunk(positions: int, pair: int, fixed: int, most_bytes: int) -> int:
    """Pairs of `pair` bytes that are packed at once for tiles; 0 if too few to pay off.

    Every chunk needs at least one whole tile.
    """
    pairs = -(-positions // 2)
    if pairs < MANY:
        return 0
    if pair * _tiled(pairs) + fixed <= most_bytes:
        return pairs
    most = (most_bytes - fixed) // pair // TILE * TILE
    if most < MANY:
        return 0
    # As many chunks as there have to be, and each as small as that allows.
    least = padded(-(-pairs // -(-pairs // most)), TILE)
    sizes = (*range(least, most + 1, TILE), *range(least - TILE, MANY - 1, -TILE))
    rests = ((chunk, -(-(positions % (2 * chunk)) // 2)) for chunk in sizes)
    return next((chunk for chunk, rest in rests if rest == 0 or rest >= TILE), 0)


def _tiled(pairs: int) -> int:
    """Pairs for which there has to be room: whole tiles."""
    return padded(pairs, TILE)


def _stream(weights: NDArray[np.int8], constants: Double) -> NDArray[np.uint32]:
    k = weights.shape[1]
    weights = np.where(constants.silent[:, None], 0, weights).astype(np.int8)
    chunks = []
    for first in group_starts(len(weights)):
        own = slice(first, first + GROUP)
        chunks += [
            np.concatenate([constants.bias[own], constants.m[own], constants.c[own]])
            .astype("<f8")
            .tobytes(),
            constants.d[own].astype("<f8").tobytes(),
            np.ascontiguousarray(weights[own].T).tobytes(),
            bytes(-GROUP * k % 8),
        ]
    return np.frombuffer(b"".join(chunks), "<u4")
