"""Instructions of conv2d_winograd.c, winograd.S and winograd_input.S.

The assembly is counted in its listings, the C code in GCC's at -O3 for RV32.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .convolution import copy
from .gemm import groups

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .facts import Facts

POSITIONS = 16
"""Products of a tile."""


def conv2d(layer: Facts) -> float:
    """mlbench_tuned_conv2d_pairs_winograd: strips of four or six pairs of tiles, down the image."""
    conv, steps = layer.inner("conv"), layer["steps"]
    depth, width = conv["input_c"], conv["output_w"]
    pairs = (conv["output_h"] + 3) // 4
    image = 0.0
    for tiles, x in _strips(width, layer["tiles"]):
        columns = 2 * tiles + 2
        before = max(conv["padding_w"] - x, 0)
        inside = min(conv["input_w"] - (x + before - conv["padding_w"]), columns - before)
        filled = (columns - inside) * depth
        row = 66 + 5 * filled + _pack(inside * depth)
        unused = (4 * steps - depth) * tiles * POSITIONS
        product = _input(depth, tiles) + _multiply(layer, conv["channels"], tiles)
        if 2 * tiles > width:
            product += 2 * (20 + 2 * (4 + copy(width * conv["channels"])))
        image += 90 + 5 * unused + (2 * pairs + 2) * row + pairs * (42 + product)
    images = conv["positions"] // (conv["output_h"] * width)
    return 120 + 5 * (2 * layer["tiles"] + 2) * depth + images * (30 + image)


def _strips(width: int, most: int) -> Iterator[tuple[int, int]]:
    """Pairs of tiles of each strip, and its first column; next_tiles of conv2d_winograd.c."""
    x = 0
    while x < width:
        left = width - x
        tiles = 4 if left <= 8 or 12 < left <= 16 else most
        x = max(min(x, width - 2 * tiles), 0)
        yield tiles, x
        x += 2 * tiles


def _pack(count: int) -> float:
    """`pack`: four pairs of pixels at once, then one."""
    return 18 + 28 * (count // 4) + 8 * (count % 4)


def _input(depth: int, tiles: int) -> float:
    """mlbench_tuned_winograd_input: columns that two tiles share are transformed once."""
    return 2 + depth * (29 + tiles / 2 * 107)


def _multiply(layer: Facts, channels: int, tiles: int) -> float:
    """mlbench_tuned_winograd_4 and _6: sixteen products, then the outputs of four channels."""
    machine = layer.machine
    unroll = 2 if machine.small else 4
    depth = 4 * layer["steps"]
    product = 3 + depth * (8 + 5 * tiles) + 3 * depth // unroll + 4 * tiles + 3
    requantise = 13 if machine.pairs_signed else 9
    output = 8 * 4 + 1 + 8 + 4 * (requantise + 2) + 8 + 3
    finish = 15 + 4 * (15 + machine.pairs_signed + tiles * output)
    return 55 + groups(channels) * (7 + POSITIONS * product + finish)
