"""CONV_2D 3x3 with stride 1 by Winograd's F(2x2, 3x3), two tiles in one double (`dext` with
`winograd=on`): the proof of exactness, the constants, and when it pays off. See winograd.S."""

from __future__ import annotations

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
    padded,
    taps,
)
from pytest_mlbench.kernels.tuned.options import WINOGRAD
from pytest_mlbench.kernels.tuned.requantise.double import EXACT, FIELD, Double, prove
from pytest_mlbench.kernels.tuned.requantise.fixed_point import accumulators

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.kernels.interface import LowerContext
    from pytest_mlbench.models.operators.layers import Conv2D

SCALE = 4
"""The filter transform is scaled by 2 on each side, so that all its values are integers."""

LARGEST_VALUE = 4 * 128
"""An element of the transformed image is a sum of four stored values."""

STRIPS = (4, 6)
"""Pairs of tiles that the assembly multiplies at once; a tile has two output columns."""

SUMS = 16 * 24 * 8
"""Bytes of the sums of one strip, at most six tiles by four channels."""

WORTH_IT = 0.9
"""It must need at most this share of the direct kernel's instructions, because it costs 3.6 times
the ROM. The estimates are accurate to a few per cent (8 for the direct kernel on tiny images)."""


SOURCES = (
    *beside(__file__, "conv2d_winograd.c", "winograd.S", "winograd_input.S", "portable_winograd.c"),
    *PATCH,
)


def lower_winograd(layer: Conv2D, context: LowerContext) -> KernelCall | None:
    """The call for `layer`, or None if the direct kernel runs."""
    channels, *window, depth = layer.weights.shape
    if (
        context.config.get(WINOGRAD) != "on"
        or tuple(window) != (3, 3)
        or layer.stride != (1, 1)
        or layer.dilation != (1, 1)
        or depth != layer.input_shape[3]
        or channels < GROUP
        or layer.output_shape[1] < 2
    ):
        return None
    tiles = _tiles(layer)
    if tiles == 0 or instructions(layer, tiles) > WORTH_IT * direct_instructions(layer):
        return None
    acc = accumulators(taps(layer), layer.bias, layer.input_offset)
    constants = prove(taps(layer), acc, layer) if acc else None
    if acc is None or constants is None:
        return None
    weights = transformed(np.where(constants.silent[:, None, None, None], 0, layer.weights))
    if not is_exact(weights, np.where(constants.silent, 0, acc.bias)):
        return None
    return KernelCall(
        kernel="conv2d_pairs_winograd" + ("_signed" if constants.d.any() else ""),
        library="tuned",
        function="mlbench_tuned_conv2d_pairs_winograd",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_winograd",
                {
                    "conv": Struct(
                        "struct mlbench_tuned_conv2d", {"gemm": Null(), **geometry(layer)}
                    ),
                    "stream": Array(
                        "uint32_t", _stream(weights, constants), align=8, name="stream"
                    ),
                    "steps": padded(depth) // 4,
                    "tiles": tiles,
                },
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
            Scratch(),
        ),
        sources=SOURCES,
        defines=("MLBENCH_TUNED_PAIRS_SIGNED",) if constants.d.any() else (),
        scratch=scratch(layer, tiles),
    )


def _tiles(layer: Conv2D) -> int:
    """The pairs of tiles in the widest strips; 0 if none fits the scratch buffer."""
    fit = [most for most in STRIPS if scratch(layer, most) <= MOST_SCRATCH]
    return min(fit, key=lambda most: (instructions(layer, most), most), default=0)


def transformed(weights: NDArray[np.int8]) -> NDArray[np.int64]:
    """4 times the filter transform of weights [channel, 3, 3, input channel], as [channel, ij,
    input channel]: exact, and at most 9 * 128, which fits int16."""
    g = np.array([[2, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 2]])
    both: NDArray[np.int64] = np.einsum("iy,jx,oyxc->oijc", g, g, weights.astype(np.int64))
    return both.reshape(len(weights), 16, -1)


def is_exact(weights: NDArray[np.int64], bias: NDArray[np.int64]) -> bool:
    """Is every double in the kernel an integer below 2**53? weights: [channel, ij, input channel].

    Partial sums over input channels, and their partial sums with 4 * bias, hold two values, each at
    most the sum of its terms' absolute values. (`prove` shows that the two can be separated at the
    end and that the requantisation is exact; SCALE is a power of two.)
    """
    reach = LARGEST_VALUE * np.abs(weights).sum(axis=(1, 2)) + SCALE * np.abs(bias)
    return bool(((reach + 1) * (2**FIELD + 1) < EXACT).all())


def strips(columns: int, most: int) -> list[int]:
    """The number of tiles in each strip, at most `most`; next_tiles in the C kernel."""
    found: list[int] = []
    while columns > 0:
        found.append(4 if columns <= 8 or 12 < columns <= 16 else most)
        columns -= 2 * found[-1]
    return found


def scratch(layer: Conv2D, most: int) -> int:
    """Bytes of scratch: sums, values, four packed rows, a row of padding, outputs of a narrow
    image."""
    width, channels = layer.output_shape[2:]
    depth, columns = layer.input_shape[3], 2 * most + 2
    narrow = 2 * strips(width, most)[0]
    narrow = narrow if narrow > width else 0
    values = padded(depth) * 16 * most * 8
    return SUMS + values + 4 * columns * depth * 8 + columns * depth + 4 * narrow * channels


def instructions(layer: Conv2D, most: int) -> int:
    """Estimated instructions of the kernel, from the assembly listings; packing a pair takes 7."""
    images, height, width, channels = layer.output_shape
    depth, groups = layer.input_shape[3], len(group_starts(channels))
    rows, total = -(-height // 4), 0
    for tiles in strips(width, most):
        columns = 2 * tiles + 2
        packing = 2 * (rows + 1) * (7 * depth * columns + 80)
        values = depth * (54 * tiles + 32)
        products = 16 * (padded(depth) * (5 * tiles + 9) + 4 * tiles + 9)
        outputs = 4 * (95 * tiles + 15)
        total += packing + rows * (values + groups * (products + outputs) + 250)
    return images * total


def direct_instructions(layer: Conv2D) -> int:
    """Estimated instructions of gemm_pairs.S on packed rows.

    A tile of n pairs takes 5 n + 9 per tap; each of the three runs of taps adds pointer updates and
    taps outside the loop that is unrolled by eight.
    """
    images, height, width, channels = layer.output_shape
    depth, groups = layer.input_shape[3], len(group_starts(channels))
    sixes, rest = (width // 6, width % 6) if width % 6 != 2 or width < 8 else (width // 6 - 1, 8)
    fours = (rest + 1) // 4
    twos = int(rest > 4 * fours)
    taps = 39 * sixes + 29 * fours + 19 * twos
    runs = 3 * (18 + 7 * (3 * depth % 8)) * (sixes + fours + twos)
    row = groups * (9 * depth * taps + runs + 7 * 2 * GROUP * width)
    return images * -(-height // 2) * (row + 8 * depth * (width + 2))


def _stream(weights: NDArray[np.int64], constants: Double) -> NDArray[np.uint32]:
    """Per group of four channels: constants, and weights [ij][input channel][4] as int16."""
    channels, _, depth = weights.shape
    filled = np.zeros((channels, 16, padded(depth)), "<i2")
    filled[:, :, :depth] = weights
    chunks = []
    for first in group_starts(channels):
        own = slice(first, first + GROUP)
        bias, m = SCALE * constants.bias[own], constants.m[own] / SCALE
        doubles = np.concatenate([bias, m, constants.c[own], constants.d[own]])
        chunks += [doubles.astype("<f8").tobytes(), filled[own].transpose(1, 2, 0).tobytes()]
    return np.frombuffer(b"".join(chunks), "<u4")
