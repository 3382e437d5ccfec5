"""Instructions of conv2d.c: patches are packed, then multiplied.

What the C code around the matrix products takes depends on the compiler: the constants are those of
GCC's code at -O3, measured on Spike over a hundred layers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .gemm import gemm_1x4, gemm_5x4

if TYPE_CHECKING:
    from .facts import Facts

TILE = 5

CALL = 100
"""A kernel's call, its frame and what it loads of its arguments."""


def conv2d_1x1(layer: Facts) -> float:
    """mlbench_tuned_conv2d_1x1: pixels are patches."""
    tiles = -(-layer["positions"] // TILE)
    return 40 + tiles * (92 + TILE * (6 + _pack(layer["k"] // 4))) + multiply(layer)


def conv2d(layer: Facts) -> float:
    """mlbench_tuned_conv2d: patches inside the image are packed in place if their rows are whole
    words, else gathered byte by byte first; those at the edges are always gathered."""
    tiles = -(-layer["positions"] // TILE)
    patches = tiles * TILE
    inside = patches * inside_share(layer)
    words = layer.inner("gemm")["weight_bytes"] // 16
    count, rows = layer["filter_w"] * layer["input_c"], layer["filter_h"]
    if layer["whole_words"]:
        in_place = rows * (6 + _pack(count // 4))
    else:
        in_place = rows * (2 + copy(count)) + 12 + _pack(words)
    gathered = gather(layer) + 12 + _pack(words)
    each = 50 * patches + inside * in_place + (patches - inside) * gathered
    return CALL + 10 * tiles + each + multiply(layer)


def conv2d_plane(layer: Facts) -> float:
    """mlbench_tuned_conv2d_plane: the image is copied with its padding; patches are put together of
    words, shifted unless they begin at one."""
    tiles = -(-layer["positions"] // TILE)
    c, width, rows = layer["input_c"], layer["output_w"], layer["filter_h"]
    words = layer["filter_w"] * c // 4
    aligned = sum(x * layer["stride_w"] * c % 4 == 0 for x in range(width)) / width
    patch = 23 + rows * ((1 - aligned) * (13.5 + 7.7 * words) + aligned * 4.8 * words)
    height = (layer["output_h"] - 1) * layer["stride_h"] + rows
    plane = height * (60 + 7 * layer["input_w"] * c)
    return CALL + tiles * (5 + TILE * patch) + plane + multiply(layer)


def multiply(layer: Facts) -> float:
    """`multiply` of conv2d.c for all positions: up to three that are left over one by one; outputs
    of fewer positions or channels than a tile has are copied."""
    gemm, channels = layer.inner("gemm"), layer["channels"]
    tiles, rest = divmod(layer["positions"], TILE)
    copied = 27 + 7 * channels
    if gemm["pitch"] != channels:
        return (tiles + (rest > 0)) * gemm_5x4(gemm, channels) + layer["positions"] * copied
    total = tiles * gemm_5x4(gemm, channels)
    if rest == TILE - 1:
        return total + gemm_5x4(gemm, channels) + rest * copied
    return total + rest * (gemm_1x4(gemm, channels) + 8)


def inside_share(layer: Facts) -> float:
    """The share of positions whose patches reach no edge of the image."""
    flags = inside(layer)
    return sum(flags) / len(flags)


def inside(layer: Facts) -> list[bool]:
    """For each position of an image, whether its patch reaches no edge."""
    columns, rows = (
        [
            0 <= at * layer[f"stride_{side}"] - layer[f"padding_{side}"] < layer[f"inside_{side}"]
            for at in range(layer[f"output_{side}"])
        ]
        for side in ("w", "h")
    )
    return [row and column for row in rows for column in columns]


def gather(layer: Facts) -> float:
    """mlbench_tuned_gather of patch.c, for a patch: runs are rows of the filter, or single pixels
    if it is dilated."""
    one_run = layer["dilation_w"] == 1
    run = (layer["filter_w"] if one_run else 1) * layer["input_c"]
    columns = 1 if one_run else layer["filter_w"]
    copied = run if layer["whole_words"] else copy(run)
    return 31 + columns * (50 + layer["filter_h"] * (21 + copied))


def _pack(words: int) -> float:
    """`pack` of conv2d.c: twelve words at once, then four, then one."""
    twelves, rest = divmod(words, 12)
    return 28 * twelves + 13 * (rest // 4) + 4 * (rest % 4)


def copy(count: int) -> float:
    """`copy` of patch.c: four bytes at once, then one."""
    return 11 * (count // 4) + 4 * (count % 4)
