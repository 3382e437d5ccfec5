"""Instructions of vector_move.S and of the padding of images in vector_conv2d.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .facts import Facts


def fill(count: int, vlen: int) -> float:
    """mlbench_tuned_vector_fill of `count` bytes."""
    return 4 + 5 * -(-count // vlen)


def copy_rows(rows: int, count: int, vlen: int, *, side_by_side: bool = False) -> float:
    """mlbench_tuned_vector_copy_rows of `rows` times `count` bytes; `side_by_side`: to one run."""
    if count == 4 and side_by_side and rows <= vlen // 8:
        return 8
    if count <= vlen:
        return 5 + 6 * rows
    return 5 + rows * (7 + 7 * -(-count // vlen))


def padded_image(image: Facts, vlen: int) -> float:
    """`padded` of vector_conv2d.c: a copy of the image with its padding, if it has any."""
    if image["padded_h"] == 0:
        return 5
    size = image["padded_h"] * image["padded_row"]
    copied = copy_rows(image["rows"], image["row_bytes"], vlen)
    return 40 + fill(size, vlen) + copied


def move_bytes(count: int, vlen: int) -> float:
    """mlbench_tuned_vector_move_bytes of `count` bytes."""
    return 1 + 9 * -(-count // vlen)
