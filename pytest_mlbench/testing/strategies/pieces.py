"""GATHER, GATHER_ND, SPLIT, SPLIT_V, UNPACK and PACK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d

from .moves import numbers

if TYPE_CHECKING:
    from pytest_mlbench.testing.model import LayerCase


def drawn(draw: d.Draw, types: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """One of `types`, and a scale and zero point for it."""
    dtype = draw(st.sampled_from(types))
    return dtype, d.quantised(draw, dtype)


@st.composite
def gather(draw: d.Draw) -> LayerCase:
    """GATHER along any axis, with batch dimensions; the indices are constants."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = d.shape(draw, 1, 4, 5)
    axis = draw(st.integers(0, len(size) - 1))
    batch = draw(st.integers(0, axis))
    rows = (*size[:batch], *d.shape(draw, 0, 2, 4))
    dtype, known = drawn(draw, ("int8", "float32"))
    x = build.input("x", size, dtype, **known)
    i = build.constant("i", generator.integers(0, size[axis], rows, dtype=np.int32))
    y = build.activation("y", (*size[:axis], *rows[batch:], *size[axis + 1 :]), dtype, **known)
    build.op("GATHER", [x, i], [y], axis=axis, batch_dims=batch)
    return d.case(build, y, generator)


@st.composite
def embedding_lookup(draw: d.Draw) -> LayerCase:
    """EMBEDDING_LOOKUP in a constant table, or by constant indices."""
    build, generator = GraphBuilder(), d.rng(draw)
    rows, size, known = d.small(draw, 5), d.small(draw, 6), d.quantised(draw)
    row = d.shape(draw, 1, 3, 4)
    if draw(st.booleans()):
        i = build.constant("i", generator.integers(0, size, rows, dtype=np.int32))
        table = build.input("table", (size, *row), **known)
    else:
        table = build.constant("table", d.int8(generator, (size, *row)), **known)
        x = build.input("x", (rows, size), scale=0.5)
        i = build.activation("i", (rows,), "int32")
        build.op("ARG_MAX", [x, build.constant("axis", np.array([1], np.int32))], [i])
    y = build.activation("y", (rows, *row), **known)
    build.op("EMBEDDING_LOOKUP", [i, table], [y])
    return d.case(build, y, generator)


@st.composite
def gather_nd(draw: d.Draw) -> LayerCase:
    """GATHER_ND by indices of one number or more; they are constants."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = d.shape(draw, 1, 4, 5)
    depth, rows = draw(st.integers(1, len(size))), d.shape(draw, 1, 2, 4)
    places = [generator.integers(0, extent, rows, dtype=np.int32) for extent in size[:depth]]
    dtype, known = drawn(draw, ("int8", "float32"))
    x = build.input("x", size, dtype, **known)
    i = build.constant("i", np.stack(places, axis=-1))
    y = build.activation("y", (*rows, *size[depth:]), dtype, **known)
    build.op("GATHER_ND", [x, i], [y])
    return d.case(build, y, generator)


def _split(kind: str) -> st.SearchStrategy[LayerCase]:
    @st.composite
    def split(draw: d.Draw) -> LayerCase:
        build, generator = GraphBuilder(), d.rng(draw)
        size = list(d.shape(draw, 1, 4, 4))
        axis, count = draw(st.integers(0, len(size) - 1)), draw(st.integers(1, 4))
        pieces = [d.small(draw, 3)] * count
        if kind == "SPLIT_V":
            pieces = [d.small(draw, 3) for _ in range(count)]
        if kind == "UNPACK":
            pieces = [1] * count
        size[axis] = sum(pieces)
        dtype, known = drawn(draw, ("int8", "int16", "int32", "float32"))
        x = build.input("x", size, dtype, **known)
        told = axis - draw(st.sampled_from([0, len(size)]))
        outputs = []
        for number, piece in enumerate(pieces):
            shape = [*size[:axis], piece, *size[axis + 1 :]]
            if kind == "UNPACK":
                del shape[axis]
            outputs.append(build.activation(f"y{number}", shape, dtype, **known))
        if kind == "SPLIT":
            build.op(kind, [numbers(build, "axis", told), x], outputs, num_splits=count)
        elif kind == "SPLIT_V":
            sizes = numbers(build, "sizes", pieces)
            build.op(kind, [x, sizes, numbers(build, "axis", told)], outputs, num_splits=count)
        else:
            build.op(kind, [x], outputs, num=count, axis=told)
        return d.case(build, outputs, generator)

    return split()


@st.composite
def pack(draw: d.Draw) -> LayerCase:
    """PACK of one to four inputs, constants among them."""
    build, generator = GraphBuilder(), d.rng(draw)
    size, count = d.shape(draw, 1, 3, 5), draw(st.integers(1, 4))
    dtype, known = drawn(draw, ("int8", "int16", "int32", "int64", "float32"))
    inputs = [build.input("x", size, dtype, **known)]
    for number in range(count - 1):
        if draw(st.booleans()):
            inputs.append(build.input(f"x{number}", size, dtype, **known))
        else:
            values = d.int8(generator, size).astype(dtype)
            inputs.append(build.constant(f"c{number}", values, **known))
    axis = draw(st.integers(-len(size) - 1, len(size)))
    place = axis + len(size) + 1 if axis < 0 else axis
    y = build.activation("y", (*size[:place], count, *size[place:]), dtype, **known)
    build.op("PACK", inputs, [y], values_count=count, axis=axis)
    return d.case(build, y, generator)


LAYERS: dict[str, st.SearchStrategy[LayerCase]] = {
    "EMBEDDING_LOOKUP": embedding_lookup(),
    "GATHER": gather(),
    "GATHER_ND": gather_nd(),
    "PACK": pack(),
    "SPLIT": _split("SPLIT"),
    "SPLIT_V": _split("SPLIT_V"),
    "UNPACK": _split("UNPACK"),
}
