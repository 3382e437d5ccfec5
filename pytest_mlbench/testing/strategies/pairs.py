"""Comparisons, logic, int32 arithmetic, selection, conversions and matrix products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d

from .elementwise import broadcast_shapes

if TYPE_CHECKING:
    from pytest_mlbench.testing.model import LayerCase

_COMPARED = ("int8", "int32", "int64", "float32")
_BELOW_ONE = d.SCALES.filter(lambda scale: scale < 0.99)


def _pair(
    kind: str, types: tuple[str, ...], output: str = "", scales: Any = d.SCALES
) -> st.SearchStrategy[LayerCase]:
    @st.composite
    def pair(draw: d.Draw) -> LayerCase:
        """Two operands; sometimes the same tensor twice."""
        build, generator = GraphBuilder(), d.rng(draw)
        left, right, shape = draw(broadcast_shapes())
        dtype = draw(st.sampled_from(types))

        def known() -> dict[str, Any]:
            if dtype == "int16":
                return {"scale": draw(scales), "zero_point": 0}
            zero = draw(d.ZERO_POINTS)
            return {"scale": draw(scales), "zero_point": zero} if dtype == "int8" else {}

        a = build.input("a", left, dtype, **known())
        same = left == right and draw(st.integers(0, 4)) == 0
        b = a if same else build.input("b", right, dtype, **known())
        made = known() if not output else {}
        y = build.activation("y", shape, output or dtype, **made)
        fused = kind in ("ADD", "SUB", "MUL", "DIV")
        options = {"fused_activation_function": draw(d.ACTIVATIONS)} if fused else {}
        build.op(kind, [a, b], [y], **options)
        return d.case(build, y, generator)

    return pair()


@st.composite
def logical_not(draw: d.Draw) -> LayerCase:
    """LOGICAL_NOT."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = d.shape(draw, 1, 4)
    x = build.input("x", size, "bool")
    y = build.activation("y", size, "bool")
    build.op("LOGICAL_NOT", [x], [y])
    return d.case(build, y, generator)


@st.composite
def select(draw: d.Draw) -> LayerCase:
    """SELECT_V2, broadcast."""
    build, generator = GraphBuilder(), d.rng(draw)
    left, right, shape = draw(broadcast_shapes())
    dtype = draw(st.sampled_from(["int8", "int16", "float32"]))
    known = d.quantised(draw, dtype)
    condition = shape if draw(st.booleans()) else left
    c = build.input("c", condition, "bool")
    a = build.input("a", left, dtype, **known)
    b = build.input("b", right, dtype, **known)
    y = build.activation("y", shape, dtype, **known)
    build.op("SELECT_V2", [c, a, b], [y])
    return d.case(build, y, generator)


@st.composite
def cast(draw: d.Draw) -> LayerCase:
    """CAST between integers, to float32 and to bool."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = d.shape(draw, 1, 4)
    source = draw(st.sampled_from(["int8", "int16", "int32", "bool"]))
    target = draw(st.sampled_from(["int8", "int16", "int32", "float32", "bool"]))
    x = build.input("x", size, source)
    y = build.activation("y", size, target)
    codes = {"float32": 0, "int32": 2, "bool": 6, "int16": 7, "int8": 9}
    build.op("CAST", [x], [y], in_data_type=codes[source], out_data_type=codes[target])
    return d.case(build, y, generator)


@st.composite
def fill(draw: d.Draw) -> LayerCase:
    """FILL with constants, and an input that is passed through, because a model needs one."""
    build, generator = GraphBuilder(), d.rng(draw)
    size, known = d.shape(draw, 1, 4), d.quantised(draw)
    build.input("x", (1,), **known)
    shape = build.constant("shape", np.array(size, np.int32))
    value = build.constant("value", np.array(draw(st.integers(-128, 127)), np.int8), **known)
    y = build.activation("y", size, **known)
    build.op("FILL", [shape, value], [y])
    return d.case(build, y, generator)


def _batch_matmul(dtype: str) -> st.SearchStrategy[LayerCase]:
    @st.composite
    def batch_matmul(draw: d.Draw) -> LayerCase:
        """BATCH_MATMUL with and without adjoints."""
        return _product(draw, dtype)

    return batch_matmul()


def _product(draw: d.Draw, dtype: str) -> LayerCase:
    build, generator = GraphBuilder(), d.rng(draw)
    rows, depth, columns = (d.small(draw, 6) for _ in range(3))
    batch = d.shape(draw, 0, 2, 3)
    adjoint = {"adj_x": draw(st.booleans()), "adj_y": draw(st.booleans())}
    left = (depth, rows) if adjoint["adj_x"] else (rows, depth)
    right = (columns, depth) if adjoint["adj_y"] else (depth, columns)
    scale, output = draw(d.SCALES), draw(d.SCALES)
    factor = draw(d.FACTORS if dtype == "int8" else st.floats(-14.0, 0.0).map(lambda e: 2.0**e))
    zeros = [draw(d.ZERO_POINTS) if dtype == "int8" else 0 for _ in range(3)]
    a = build.input("a", (*batch, *left), dtype, scale=scale, zero_point=zeros[0])
    right_scale = factor * output / scale
    b = build.input("b", (*batch, *right), dtype, scale=right_scale, zero_point=zeros[1])
    y = build.activation("y", (*batch, rows, columns), dtype, scale=output, zero_point=zeros[2])
    build.op("BATCH_MATMUL", [a, b], [y], **adjoint)
    return d.case(build, y, generator)


LAYERS: dict[str, st.SearchStrategy[LayerCase]] = {
    "ADD_INT32": _pair("ADD", ("int32",)),
    "BATCH_MATMUL": _batch_matmul("int8"),
    "BATCH_MATMUL_INT16": _batch_matmul("int16"),
    "CAST": cast(),
    "DIV_INT32": _pair("DIV", ("int32",)),
    "EQUAL": _pair("EQUAL", (*_COMPARED, "bool"), "bool", _BELOW_ONE),
    "FILL": fill(),
    "GREATER": _pair("GREATER", _COMPARED, "bool", _BELOW_ONE),
    "GREATER_EQUAL": _pair("GREATER_EQUAL", _COMPARED, "bool", _BELOW_ONE),
    "LESS": _pair("LESS", _COMPARED, "bool", _BELOW_ONE),
    "LESS_EQUAL": _pair("LESS_EQUAL", _COMPARED, "bool", _BELOW_ONE),
    "LOGICAL_AND": _pair("LOGICAL_AND", ("bool",), "bool"),
    "LOGICAL_NOT": logical_not(),
    "LOGICAL_OR": _pair("LOGICAL_OR", ("bool",), "bool"),
    "MAXIMUM_INT16": _pair("MAXIMUM", ("int16",)),
    "MAXIMUM_INT32": _pair("MAXIMUM", ("int32",)),
    "MAXIMUM_INT64": _pair("MAXIMUM", ("int64",)),
    "MINIMUM_INT16": _pair("MINIMUM", ("int16",)),
    "MINIMUM_INT32": _pair("MINIMUM", ("int32",)),
    "MINIMUM_INT64": _pair("MINIMUM", ("int64",)),
    "MUL_INT32": _pair("MUL", ("int32",)),
    "NOT_EQUAL": _pair("NOT_EQUAL", (*_COMPARED, "bool"), "bool", _BELOW_ONE),
    "SELECT_V2": select(),
    "SQUARED_DIFFERENCE": _pair("SQUARED_DIFFERENCE", ("int8", "int8", "int32")),
    "SQUARED_DIFFERENCE_INT16": _pair("SQUARED_DIFFERENCE", ("int16",)),
    "SUB_INT32": _pair("SUB", ("int32",)),
}
