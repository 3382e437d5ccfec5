"""Operators that resize images, mirror their edges, or rearrange blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from pytest_mlbench.testing import draw as d

from .moves import moved

if TYPE_CHECKING:
    from pytest_mlbench.testing.model import LayerCase


_EITHER = ("int8", "float32")


def _blocks(kind: str) -> st.SearchStrategy[LayerCase]:
    @st.composite
    def blocks(draw: d.Draw) -> LayerCase:
        block = draw(st.integers(1, 3))
        batch, height, width, channels = (d.small(draw, most) for most in (2, 4, 4, 5))
        wide = (batch, height * block, width * block, channels)
        deep = (batch, height, width, channels * block * block)
        size, output = (wide, deep) if kind == "SPACE_TO_DEPTH" else (deep, wide)
        return moved(draw, kind, size, output, [], types=_EITHER, block_size=block)

    return blocks()


@st.composite
def batch_to_space(draw: d.Draw) -> LayerCase:
    """BATCH_TO_SPACE_ND of images and of rows."""
    spatial = draw(st.integers(1, 2))
    block = [draw(st.integers(1, 3)) for _ in range(spatial)]
    batch, channels = d.small(draw, 2), d.small(draw, 4)
    sizes = [d.small(draw, 4) for _ in range(spatial)]
    crops = [[draw(st.integers(0, 1)), draw(st.integers(0, 1))] for _ in range(spatial)]
    out = [size * one - sum(pair) for size, one, pair in zip(sizes, block, crops, strict=True)]
    assume(min(out) > 0)
    size = (batch * int(np.prod(block)), *sizes, channels)
    output = (batch, *out, channels)
    return moved(draw, "BATCH_TO_SPACE_ND", size, output, [block, crops], types=_EITHER)


@st.composite
def mirror_pad(draw: d.Draw) -> LayerCase:
    """MIRROR_PAD in both modes."""
    mode = draw(st.sampled_from(["REFLECT", "SYMMETRIC"]))
    size = tuple(extent + 1 for extent in d.shape(draw, 1, 4, 5))
    edge = mode == "REFLECT"
    pairs = [
        [draw(st.integers(0, extent - edge)), draw(st.integers(0, extent - edge))]
        for extent in size
    ]
    output = tuple(extent + sum(pair) for extent, pair in zip(size, pairs, strict=True))
    return moved(draw, "MIRROR_PAD", size, output, [pairs], types=_EITHER, mode=mode)


@st.composite
def resize_nearest(draw: d.Draw) -> LayerCase:
    """RESIZE_NEAREST_NEIGHBOR to more and to fewer pixels."""
    batch, height, width, channels = (d.small(draw, most) for most in (2, 9, 9, 4))
    rows, columns = d.small(draw, 12), d.small(draw, 12)
    corners, centres = draw(st.sampled_from([(False, False), (True, False), (False, True)]))
    return moved(
        draw, "RESIZE_NEAREST_NEIGHBOR", (batch, height, width, channels),
        (batch, rows, columns, channels), [[rows, columns]], types=("int8", "int16", "float32"),
        align_corners=corners, half_pixel_centers=centres,
    )  # fmt: skip


@st.composite
def space_to_batch(draw: d.Draw) -> LayerCase:
    """SPACE_TO_BATCH_ND of images and of rows."""
    spatial = draw(st.integers(1, 2))
    block = [draw(st.integers(1, 3)) for _ in range(spatial)]
    batch, channels = d.small(draw, 2), d.small(draw, 4)
    counts = [d.small(draw, 3) for _ in range(spatial)]
    pads = [
        [
            before := draw(st.integers(0, min(2, one * count - 1))),
            draw(st.integers(0, min(2, one * count - 1 - before))),
        ]
        for one, count in zip(block, counts, strict=True)
    ]
    sizes = [one * count - sum(pair) for one, count, pair in zip(block, counts, pads, strict=True)]
    output = (batch * int(np.prod(block)), *counts, channels)
    size = (batch, *sizes, channels)
    return moved(draw, "SPACE_TO_BATCH_ND", size, output, [block, pads], types=_EITHER)


@st.composite
def resize_bilinear(draw: d.Draw) -> LayerCase:
    """RESIZE_BILINEAR to more and to fewer pixels."""
    batch, height, width, channels = (d.small(draw, most) for most in (2, 9, 9, 4))
    rows, columns = d.small(draw, 12), d.small(draw, 12)
    corners, centres = draw(st.sampled_from([(False, False), (True, False), (False, True)]))
    return moved(
        draw, "RESIZE_BILINEAR", (batch, height, width, channels),
        (batch, rows, columns, channels), [[rows, columns]],
        align_corners=corners, half_pixel_centers=centres,
    )  # fmt: skip


LAYERS: dict[str, st.SearchStrategy[LayerCase]] = {
    "BATCH_TO_SPACE_ND": batch_to_space(),
    "DEPTH_TO_SPACE": _blocks("DEPTH_TO_SPACE"),
    "MIRROR_PAD": mirror_pad(),
    "RESIZE_BILINEAR": resize_bilinear(),
    "RESIZE_NEAREST_NEIGHBOR": resize_nearest(),
    "SPACE_TO_BATCH_ND": space_to_batch(),
    "SPACE_TO_DEPTH": _blocks("SPACE_TO_DEPTH"),
}
