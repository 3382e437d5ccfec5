"""Instructions of vector_max_pool2d.c, vector_max_pool2d_rows.c, vector_max_pool2d_2x2.S,
vector_max_pool2d_2x2_blocks.S and vector_average_pool2d.c.

The kernels for V are counted in their listings; the constants of C code are those of GCC's at -O3.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from pytest_mlbench.kernels.tuned.pooling import blocks_of_a_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .facts import Facts

WINDOW = 29
"""The C code around a window of the kernels for V."""


def vector_max_pool2d(layer: Facts) -> float:
    """mlbench_tuned_vector_max_pool2d: window by window."""
    return 40 + sum(count * (WINDOW + _maximum(layer, h, w)) for h, w, count in windows(layer))


def vector_average_pool2d(layer: Facts) -> float:
    """mlbench_tuned_vector_average_pool2d: window by window."""
    passes = -(-layer["channels"] // (layer.machine.vlen // 4))
    return 40 + sum(
        count * (WINDOW + 6 + passes * (26 + h * (5 + 5 * w))) for h, w, count in windows(layer)
    )


def _maximum(layer: Facts, height: int, width: int) -> float:
    """mlbench_tuned_vector_maximum of vector_reduce.S for a window."""
    passes = -(-layer["channels"] // layer.machine.vlen)
    return 2 + passes * (10 + height * (5 + 5 * width))


def _rows(layer: Facts, size: int, *, is_2x2: bool) -> float:
    """vector_max_pool2d_rows.c: windows that reach no edge at the sides together, blocks of `size`
    channels; the others one by one."""
    reach = layer["input_w"] - layer["filter_w"] + layer["padding_w"]
    first = -(-layer["padding_w"] // layer["stride_w"])
    end = min(reach // layer["stride_w"] + 1 if reach >= 0 else 0, layer["output_w"])
    inside = max(end - first, 0)
    chunks = -(-inside // (layer.machine.vlen // size))
    blocks = layer["channels"] // size
    heights = axis(layer, "h")
    total = 0.0
    for height, count in heights.items():
        block = 16 if is_2x2 else 7 + height * (5 + 6 * layer["filter_w"])
        row = 10 + chunks * (11 + 3 * is_2x2 + blocks * block) if inside else 0
        total += count * (34 + (17 + row if inside else 0))
    outside = [(h, w, count) for h, w, count in windows(layer) if w < layer["filter_w"]]
    total += sum(count * (20 + _maximum(layer, h, w)) for h, w, count in outside)
    return 40 + layer["batches"] * total


rows = {
    f"{name}{size}": partial(_rows, size=size, is_2x2=bool(name))
    for name in ("", "2x2_")
    for size in (8, 4, 1)
}
"""The end of the kernel's name -> its formula."""


def _row(layer: Facts, size: int) -> float:
    """vector_max_pool2d_2x2.S: a row of outputs in one vector, blocks of `size` channels."""
    blocks = layer["channels"] // size
    row = 17 if blocks == 1 else 8 + 16 * blocks
    return 30 + layer["batches"] * (14 + layer["output_h"] * row)


rows |= {f"2x2_row_{size}": partial(_row, size=size) for size in (8, 16, 32, 64)}


def _blocks(layer: Facts, per_branch: int) -> float:
    """vector_max_pool2d_2x2_blocks.S: `per_branch` blocks, then a branch."""
    blocks, rows = blocks_of_a_row(layer["output_w"], layer["channels"]), layer["output_h"]
    begin = 24 if per_branch < 4 else 25 if blocks == 2 else 28
    turns = 1 if blocks <= per_branch else rows
    image = 5 + rows * blocks * (11 + 1 / per_branch) + 5 * (turns - 1)
    return begin + 1 + layer["batches"] * image + 10 * (layer["batches"] - 1)


rows |= {f"2x2_blocks_{count}": partial(_blocks, per_branch=count) for count in (1, 2, 4)}


def axis(layer: Facts, side: str) -> Counter[int]:
    """How much of a window lies in the image, along one side -> how many windows."""
    found: Counter[int] = Counter()
    for at in range(layer[f"output_{side}"]):
        first = at * layer[f"stride_{side}"] - layer[f"padding_{side}"]
        end = min(first + layer[f"filter_{side}"], layer[f"input_{side}"])
        found[end - max(first, 0)] += 1
    return found


def windows(layer: Facts) -> Iterator[tuple[int, int, int]]:
    """Height and width of windows inside the image, and how many windows there are."""
    for height, down in axis(layer, "h").items():
        for width, across in axis(layer, "w").items():
            yield height, width, layer["batches"] * down * across
