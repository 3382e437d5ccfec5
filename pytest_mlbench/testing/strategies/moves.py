"""Slices, transposition, broadcasting, and operators whose results follow from shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d

if TYPE_CHECKING:
    from pytest_mlbench.testing.model import LayerCase


ALL = ("int8", "int16", "int32", "int64", "bool", "uint8", "float32")
"""The types of values that a few operators copy without a limit."""


def numbers(build: GraphBuilder, name: str, values: Any) -> int:
    """A constant of int32."""
    return build.constant(name, np.array(values, np.int32))


def moved(
    draw: d.Draw,
    kind: str,
    size: tuple[int, ...],
    output: tuple[int, ...],
    constants: list[Any],
    *,
    types: tuple[str, ...] = ("int8",),
    **options: Any,
) -> LayerCase:
    """A layer with one input, then constants, and one output of the same type and scale."""
    build, generator = GraphBuilder(), d.rng(draw)
    dtype = draw(st.sampled_from(types))
    known = d.quantised(draw, dtype)
    x = build.input("x", size, dtype, **known)
    inputs = [x, *(numbers(build, f"c{place}", one) for place, one in enumerate(constants))]
    y = build.activation("y", output, dtype, **known)
    build.op(kind, inputs, [y], **options)
    return d.case(build, y, generator)


@st.composite
def strided_slice(draw: d.Draw) -> LayerCase:
    """STRIDED_SLICE with begins, ends and strides of both signs, masked and shrunk."""
    size = d.shape(draw, 1, 4, 7)
    begin, end, stride, output = [], [], [], []
    masks = {"begin_mask": 0, "end_mask": 0, "shrink_axis_mask": 0}
    for place, extent in enumerate(size):
        step = draw(st.sampled_from([1, 1, 1, 2, 3, -1, -2]))
        first = draw(st.integers(-extent, extent - 1))
        last = draw(st.integers(-extent - 1, extent + 2))
        chosen = slice(first, last, step)
        if draw(st.integers(0, 3)) == 0:
            masks["begin_mask"] |= 1 << place
            chosen = slice(None, chosen.stop, step)
        if draw(st.integers(0, 3)) == 0:
            masks["end_mask"] |= 1 << place
            chosen = slice(chosen.start, None, step)
        count = len(range(extent)[chosen])
        if draw(st.integers(0, 4)) == 0 and len(size) > 1:
            masks["shrink_axis_mask"] |= 1 << place
            masks["begin_mask"] &= ~(1 << place)
            step = 1
        else:
            assume(count > 0)
            output.append(count)
        begin.append(first)
        end.append(last)
        stride.append(step)
    assume(output)
    return moved(
        draw, "STRIDED_SLICE", size, tuple(output), [begin, end, stride],
        types=("int8", "int8", "int16", "int32", "bool", "float32"), **masks,
    )  # fmt: skip


@st.composite
def slice_(draw: d.Draw) -> LayerCase:
    """SLICE; sometimes to the end."""
    size = d.shape(draw, 1, 5, 6)
    begin = [draw(st.integers(0, extent - 1)) for extent in size]
    counts = [draw(st.integers(1, extent - one)) for extent, one in zip(size, begin, strict=True)]
    told = [
        -1 if one + count == extent and draw(st.booleans()) else count
        for extent, one, count in zip(size, begin, counts, strict=True)
    ]
    return moved(
        draw, "SLICE", size, tuple(counts), [begin, told],
        types=("int8", "int8", "int16", "int32", "bool", "float32"),
    )  # fmt: skip


@st.composite
def transpose(draw: d.Draw) -> LayerCase:
    """TRANSPOSE by any permutation."""
    size = d.shape(draw, 1, 5, 5)
    order = draw(st.permutations(range(len(size))))
    output = tuple(size[place] for place in order)
    return moved(draw, "TRANSPOSE", size, output, [list(order)], types=("int8", "int16", "float32"))


@st.composite
def reverse(draw: d.Draw) -> LayerCase:
    """REVERSE_V2 along one axis."""
    size = d.shape(draw, 1, 4, 5)
    axis = draw(st.integers(0, len(size) - 1))
    return moved(draw, "REVERSE_V2", size, size, [[axis]], types=ALL)


@st.composite
def broadcast_to(draw: d.Draw) -> LayerCase:
    """BROADCAST_TO along any dimensions, including new leading ones."""
    output = d.shape(draw, 1, 4, 5)
    size = tuple(1 if draw(st.booleans()) else extent for extent in output)
    size = size[draw(st.integers(0, len(size) - 1)) :]
    return moved(draw, "BROADCAST_TO", size, output, [list(output)], types=ALL)


@st.composite
def expand_dims(draw: d.Draw) -> LayerCase:
    """EXPAND_DIMS at any position."""
    size = d.shape(draw, 1, 3)
    axis = draw(st.integers(-len(size) - 1, len(size)))
    place = axis + len(size) + 1 if axis < 0 else axis
    types = ("int8", "int16", "float32")
    output = (*size[:place], 1, *size[place:])
    return moved(draw, "EXPAND_DIMS", size, output, [axis], types=types)


@st.composite
def shape(draw: d.Draw) -> LayerCase:
    """SHAPE, whose result is known at build time."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = d.shape(draw, 1, 4)
    x = build.input("x", size, **d.quantised(draw))
    y = build.activation("y", (len(size),), "int32")
    build.op("SHAPE", [x], [y], out_type=2)
    return d.case(build, y, generator)


@st.composite
def zeros_like(draw: d.Draw) -> LayerCase:
    """ZEROS_LIKE, whose result is known at build time."""
    build, generator = GraphBuilder(), d.rng(draw)
    dtype = draw(st.sampled_from(["int8", "int32", "int64", "float32"]))
    size, known = d.shape(draw, 1, 4), d.quantised(draw, dtype)
    x = build.input("x", size, dtype, **known)
    y = build.activation("y", size, dtype, **known)
    build.op("ZEROS_LIKE", [x], [y])
    return d.case(build, y, generator)


LAYERS: dict[str, st.SearchStrategy[LayerCase]] = {
    "BROADCAST_TO": broadcast_to(),
    "EXPAND_DIMS": expand_dims(),
    "REVERSE_V2": reverse(),
    "SHAPE": shape(),
    "SLICE": slice_(),
    "STRIDED_SLICE": strided_slice(),
    "TRANSPOSE": transpose(),
    "ZEROS_LIKE": zeros_like(),
}
