"""Shared by the vector kernels: the vector length, and the padded image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.isa import Isa
from pytest_mlbench.kernels.interface import Struct

if TYPE_CHECKING:
    from pytest_mlbench.models.operators.layers import Conv2D


def vector_length(isa: str) -> int:
    """The VLEN in bits that `isa` guarantees."""
    return Isa.parse(isa).vlen


def padded_image(layer: Conv2D, reach_h: int, reach_w: int) -> tuple[Struct, int, int]:
    """struct mlbench_tuned_vector_image, the bytes of the image, and the bytes of a row."""
    _, input_h, input_w, c = layer.input_shape
    top, left = layer.padding
    if top == left == 0 and reach_h <= input_h and reach_w <= input_w:
        return Struct("struct mlbench_tuned_vector_image", {"padded_h": 0}), 0, input_w * c
    padded_h, row = reach_h, reach_w * c
    rows = min(input_h, padded_h - top)
    columns = min(input_w, reach_w - left)
    image = Struct(
        "struct mlbench_tuned_vector_image",
        {
            "padded_h": padded_h,
            "padded_row": row,
            "first": top * row + left * c,
            "rows": rows,
            "row": input_w * c,
            "row_bytes": columns * c,
            "zero_point": -layer.input_offset,
        },
    )
    return image, padded_h * row, row
