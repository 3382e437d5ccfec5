"""MEAN."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d

if TYPE_CHECKING:
    from pytest_mlbench.testing.model import LayerCase


@st.composite
def mean(draw: d.Draw) -> LayerCase:
    """MEAN over any axes, with and without keep_dims, of one scale or two."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = d.shape(draw, 1, 4, 9)
    axes = draw(st.lists(st.integers(0, len(size) - 1), min_size=1, unique=True, max_size=4))
    keep = draw(st.booleans())
    output = tuple(1 if i in axes else n for i, n in enumerate(size))
    if not keep:
        output = tuple(n for i, n in enumerate(size) if i not in axes)
    scale, zero = draw(d.SCALES), draw(d.ZERO_POINTS)
    out = (scale, zero) if draw(st.booleans()) else (draw(d.SCALES), draw(d.ZERO_POINTS))
    x = build.input("x", size, scale=scale, zero_point=zero)
    signed = [axis - len(size) if draw(st.booleans()) else axis for axis in axes]
    a = build.constant("a", np.array(signed, np.int32))
    y = build.activation("y", output, scale=out[0], zero_point=out[1])
    build.op("MEAN", [x, a], [y], keep_dims=keep)
    return d.case(build, y, generator)


LAYERS: dict[str, st.SearchStrategy[LayerCase]] = {
    "MEAN": mean(),
}
