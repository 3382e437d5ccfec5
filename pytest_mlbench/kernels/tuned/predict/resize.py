"""Instructions of resize_bilinear.c, counted in GCC's code for RV32 at -O3 and at -Os, and of
vector_resize.S."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .facts import Facts


def resize_bilinear(layer: Facts) -> float:
    """mlbench_tuned_resize_bilinear: pixel by pixel; four channels at once, lanes of channels with
    vectors."""
    images, height, width, channels = layer.numbers("output")
    machine = layer.machine
    fours, rest = divmod(channels, 4)
    if machine.vlen:
        row, pixel = (
            20,
            (42 if machine.small else 34) + 6 + 28 * -(-channels // (machine.vlen // 4)),
        )
    elif machine.small:
        row, pixel = 19, 23 + 27 * channels
    else:
        row = 29
        pixel = 24 + (10 + 70 * fours if fours else 4) + (0, 18, 36, 52)[rest]
    return 65.0 + images * (12 + height * (row + width * pixel))
