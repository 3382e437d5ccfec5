"""Instructions of CONV_2D on the D unit: conv2d_pairs.c, conv2d_pairs_tiles.c and their products.

The constants of the C code are those of GCC's at -O3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .convolution import gather
from .pairs_gemm import gemm_pairs, gemm_pairs_expanded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .facts import Facts


def patches(layer: Facts) -> float:
    """mlbench_tuned_conv2d_pairs_patches: the first half of all positions with the second."""
    conv = layer.inner("conv")
    k, channels = conv["k"], conv["channels"]
    total = 80.0
    for pairs in _chunks(layer):
        if layer.name("pack").endswith("pixels"):
            packing = 30 + _pack(pairs * k)
        else:
            packing = pairs * (150 + 2 * gather(conv) + _pack(k))
        total += 40 + packing + gemm_pairs(pairs, channels, 1, k, layer.machine)
    return total


def expanded(layer: Facts) -> float:
    """mlbench_tuned_conv2d_pairs_expanded: six pairs side by side."""
    conv = layer.inner("conv")
    k, channels = conv["k"], conv["channels"]
    total = 80.0
    if layer.name("pack").endswith("pixels"):
        pair = 8 + _pack(k)
    else:
        image = layer.inner("image")
        images = conv["positions"] // (conv["output_h"] * conv["output_w"])
        total += images * (30 + gather(image))
        width = conv["filter_w"] if conv["dilation_w"] == 1 else 1
        fours, rest = divmod(width * conv["input_c"], 4)
        run = 20 + conv["filter_h"] * (31 * fours + (5 + 9 * rest if rest else 0))
        pair = 108 + conv["filter_w"] // width * run
    for pairs in _chunks(layer):
        product = gemm_pairs_expanded(pairs, channels, k, layer.machine)
        total += 40 + pairs * pair + product
    return total


def rows(layer: Facts) -> float:
    """mlbench_tuned_conv2d_pairs_rows: output row y with row y + half."""
    conv = layer.inner("conv")
    c, filter_h, stride = conv["input_c"], conv["filter_h"], conv["stride_h"]
    half = (conv["output_h"] + 1) // 2
    reach = (conv["output_w"] - 1) * conv["stride_w"] + conv["filter_w"]
    inside = min(reach - conv["padding_w"], conv["input_w"])
    packed_rows, made = 0, 0
    for first in range(0, half * stride, stride):
        made = max(made, first)
        packed_rows += first + filter_h - made
        made = first + filter_h
    packing = packed_rows * (95 + 3 * (reach - inside) * c + _pack(inside * c))
    run = conv["filter_w"] * c
    product = gemm_pairs(conv["output_w"], conv["channels"], filter_h, run, layer.machine)
    images = conv["positions"] // (conv["output_h"] * conv["output_w"])
    kept = 5 * layer["kept_words"]
    image = packing + kept + half * (40 + 8 * filter_h + product)
    return 120 + conv["input_w"] * c / 8 * 3 + images * image


def _chunks(layer: Facts) -> Iterator[int]:
    """The pairs of each chunk."""
    left, chunk = layer.inner("conv")["positions"], layer["chunk"]
    while left > 0:
        yield (min(left, 2 * chunk) + 1) // 2
        left -= 2 * chunk


def _pack(count: int) -> float:
    """`pack_by`: eight pairs at once, then one."""
    return 52 * (count // 8) + 9 * (count % 8) + 8
