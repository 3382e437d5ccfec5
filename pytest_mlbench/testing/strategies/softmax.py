"""SOFTMAX in its other forms, and LOG_SOFTMAX."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d

if TYPE_CHECKING:
    from pytest_mlbench.testing.model import LayerCase

BETAS = st.sampled_from([1.0, 1.0, 0.5, 2.5])


def _rows(draw: d.Draw, most: int) -> tuple[int, ...]:
    depth = draw(st.one_of(st.integers(1, 20), st.integers(1, most)))
    return (*d.shape(draw, 0, 3, 3), depth)


@st.composite
def log_softmax(draw: d.Draw) -> LayerCase:
    """LOG_SOFTMAX of 1 to 300 values."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = _rows(draw, 300)
    x = build.input("x", size, scale=draw(d.SCALES), zero_point=draw(d.ZERO_POINTS))
    y = build.activation("y", size, scale=1 / 16, zero_point=127)
    build.op("LOG_SOFTMAX", [x], [y])
    return d.case(build, y, generator)


@st.composite
def softmax_int16(draw: d.Draw) -> LayerCase:
    """SOFTMAX of int16."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = _rows(draw, 300)
    scale = draw(st.floats(-15.0, -5.0).map(lambda exponent: float(np.float32(2.0**exponent))))
    x = build.input("x", size, "int16", scale=scale)
    y = build.activation("y", size, "int16", scale=1 / 32768)
    build.op("SOFTMAX", [x], [y], beta=draw(BETAS))
    return d.case(build, y, generator)


@st.composite
def softmax_int8_to_int16(draw: d.Draw) -> LayerCase:
    """SOFTMAX from int8 to int16."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = _rows(draw, 300)
    x = build.input("x", size, scale=draw(d.SCALES), zero_point=draw(d.ZERO_POINTS))
    y = build.activation("y", size, "int16", scale=1 / 65536, zero_point=-32768)
    build.op("SOFTMAX", [x], [y], beta=draw(BETAS))
    return d.case(build, y, generator)


@st.composite
def softmax_deep(draw: d.Draw) -> LayerCase:
    """SOFTMAX of more than 4,095 values, few of them near the largest: with 512 or more such values
    the interpreter aborts."""
    build, generator = GraphBuilder(), d.rng(draw)
    depth = draw(st.integers(4096, 9000))
    x = build.input("x", (1, depth), scale=draw(st.floats(0.25, 4.0, width=32)))
    y = build.activation("y", (1, depth), scale=1 / 256, zero_point=-128)
    build.op("SOFTMAX", [x], [y], beta=1.0)
    made = d.case(build, y, generator)
    rows = [np.full((1, depth), -100, np.int8) for _ in made.samples]
    for row in rows:
        count = draw(st.integers(1, 300))
        places = generator.choice(depth, count, replace=False)
        row[0, places] = generator.integers(0, 128, count)
    return type(made)(made.graph, tuple((row,) for row in rows), note=made.note)


LAYERS: dict[str, st.SearchStrategy[LayerCase]] = {
    "LOG_SOFTMAX": log_softmax(),
    "SOFTMAX_DEEP": softmax_deep(),
    "SOFTMAX_INT16": softmax_int16(),
    "SOFTMAX_INT8_TO_INT16": softmax_int8_to_int16(),
}
