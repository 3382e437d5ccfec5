"""Instructions of depthwise_plane.c, counted in GCC's code at -O3 for RV32."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .gemm import CLAMPED

if TYPE_CHECKING:
    from .facts import Facts

CLAMPED_SHARE = 1 / 3
"""Of all outputs, with and without an activation."""


def depthwise_plane(layer: Facts) -> float:
    """mlbench_tuned_depthwise_plane: a plane is filled for each input channel, then eight or four
    outputs of a row are computed at once."""
    width, rest = layer["output_w"], layer["output_w"] % 8
    wide = width // 8 + (rest > 4)
    narrow = int(0 < rest <= 4)
    filter_h = layer["filter_h"]
    groups = wide * (86 + filter_h * _eight(layer)) + narrow * (67 + filter_h * _four(layer))
    row = 22 + groups + width * (14 + CLAMPED * CLAMPED_SHARE)
    images = layer["images"]
    channels = images * layer["output_c"] * (77 + layer["output_h"] * row)
    return 60 + images * layer["input_c"] * _fill(layer) + channels


def _eight(layer: Facts) -> int:
    """A filter's row for eight outputs: three neighbouring taps, then two or one; else all one by
    one."""
    columns = layer["filter_w"]
    if not layer["neighbours"]:
        return 14 + 30 * columns
    threes, rest = divmod(columns, 3)
    return (19 + 67 * threes if threes else 7) + (10, 41, 47)[rest]


def _four(layer: Facts) -> int:
    """The same for four outputs."""
    columns = layer["filter_w"]
    if not layer["neighbours"]:
        return 12 + 18 * columns
    threes, rest = divmod(columns, 3)
    return (8 + 37 * threes if threes else 6) + (9, 28, 27)[rest]


def _fill(layer: Facts) -> int:
    """Filling a plane: a row of the image four pixels at once, padding pixel by pixel."""
    height, step = layer["plane_h"], layer["stride_w"]
    inside = sum(0 <= y - layer["padding_h"] < layer["input_h"] for y in range(height))
    of_image = of_padding = 14
    for phase in range(step):
        first, count = phase - layer["padding_w"], layer["phase_w"]
        left = min(count, -(min(first, 0) // step))
        pixels = max(0, -((first + left * step - layer["input_w"]) // step))
        pixels = min(count - left, pixels)
        start = 47 if pixels >= 4 else 33 if pixels else 18
        of_image += start + 14 * (pixels // 4) + 4 * (pixels % 4) + 4 * left + 4 * (count - pixels)
        of_padding += 44 + 10 * count
    return inside * of_image + (height - inside) * of_padding
