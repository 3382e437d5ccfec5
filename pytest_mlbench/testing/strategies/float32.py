"""Functions of one or two float32 values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d

from .elementwise import broadcast_shapes

if TYPE_CHECKING:
    from pytest_mlbench.testing.model import LayerCase

_OF_POSITIVE = ("RSQRT", "SQRT")
"""For negative values the bits of the NaN depend on the machine, so inputs are squared first."""


def _unary(kind: str) -> st.SearchStrategy[LayerCase]:
    @st.composite
    def unary(draw: d.Draw) -> LayerCase:
        build, generator = GraphBuilder(), d.rng(draw)
        size = d.shape(draw, 1, 4)
        x = build.input("x", size, "float32")
        options = {"alpha": draw(st.floats(0.0, 1.5, width=32))} if kind == "LEAKY_RELU" else {}
        if kind in _OF_POSITIVE:
            squared = build.activation("squared", size, "float32")
            x = build.op("SQUARE", [x], [squared])
        y = build.activation("y", size, "float32")
        build.op(kind, [x], [y], **options)
        return d.case(build, y, generator)

    return unary()


def _pair(kind: str) -> st.SearchStrategy[LayerCase]:
    @st.composite
    def pair(draw: d.Draw) -> LayerCase:
        build, generator = GraphBuilder(), d.rng(draw)
        left, right, output = draw(broadcast_shapes())
        a = build.input("a", left, "float32")
        b = build.input("b", right, "float32")
        y = build.activation("y", output, "float32")
        fused = kind in ("ADD", "DIV", "MUL", "SUB")
        options = {"fused_activation_function": draw(d.ACTIVATIONS)} if fused else {}
        build.op(kind, [a, b], [y], **options)
        return d.case(build, y, generator)

    return pair()


@st.composite
def prelu(draw: d.Draw) -> LayerCase:
    """PRELU with one alpha, one per channel, or one per element."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = d.shape(draw, 1, 4)
    alpha = tuple(1 if draw(st.booleans()) else extent for extent in size)
    alpha = alpha[draw(st.integers(0, len(size) - 1)) :]
    x = build.input("x", size, "float32")
    a = build.constant("a", generator.normal(0, 1, alpha).astype(np.float32))
    y = build.activation("y", size, "float32")
    build.op("PRELU", [x, a], [y])
    return d.case(build, y, generator)


_ONLY = ("CEIL", "FLOOR", "NEG", "ROUND", "SQRT", "SQUARE")
_TOO = ("ABS", "HARD_SWISH", "LEAKY_RELU", "RELU", "RELU6", "RSQRT")
_PAIRS = ("ADD", "DIV", "MAXIMUM", "MINIMUM", "MUL", "SQUARED_DIFFERENCE", "SUB")

LAYERS: dict[str, st.SearchStrategy[LayerCase]] = {
    **{kind: _unary(kind) for kind in _ONLY},
    **{f"{kind}_FLOAT32": _unary(kind) for kind in _TOO},
    **{f"{kind}_FLOAT32": _pair(kind) for kind in _PAIRS},
    "PRELU_FLOAT32": prelu(),
}
