"""ADD, SUB, MUL, MAXIMUM and MINIMUM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d

if TYPE_CHECKING:
    from pytest_mlbench.testing.model import LayerCase


@st.composite
def broadcast_shapes(draw: d.Draw) -> tuple[tuple[int, ...], ...]:
    """Two operands' shapes and the output's: equal, or broadcast in any dimension."""
    full = d.shape(draw, 1, 4)
    sides = []
    for _ in range(2):
        side = full
        if draw(st.booleans()):
            side = tuple(1 if draw(st.booleans()) else size for size in full)
            side = side[draw(st.integers(0, len(side) - 1)) :]
        sides.append(side)
    rank = max(map(len, sides))
    wide = [(1,) * (rank - len(side)) + side for side in sides]
    return sides[0], sides[1], tuple(max(pair) for pair in zip(*wide, strict=True))


def _elementwise(kind: str) -> st.SearchStrategy[LayerCase]:
    @st.composite
    def elementwise(draw: d.Draw) -> LayerCase:
        build, generator = GraphBuilder(), d.rng(draw)
        left, right, output = draw(broadcast_shapes())
        same = kind in ("MAXIMUM", "MINIMUM")
        scales = [draw(d.SCALES)] * 3 if same else [draw(d.SCALES) for _ in range(3)]
        zeros = [draw(d.ZERO_POINTS)] * 3 if same else [draw(d.ZERO_POINTS) for _ in range(3)]
        if kind == "MUL":
            scales[2] = scales[0] * scales[1] / draw(d.FACTORS.filter(lambda f: f < 2.0**14))
        a = build.input("a", left, scale=scales[0], zero_point=zeros[0])
        if draw(st.integers(0, 3)) == 0:
            values = d.int8(generator, right)
            b = build.constant("b", values, scale=scales[1], zero_point=zeros[1])
        elif left == right and draw(st.integers(0, 5)) == 0:
            b = a
        else:
            b = build.input("b", right, scale=scales[1], zero_point=zeros[1])
        y = build.activation("y", output, scale=scales[2], zero_point=zeros[2])
        options = {} if same else {"fused_activation_function": draw(d.ACTIVATIONS)}
        build.op(kind, [a, b], [y], **options)
        return d.case(build, y, generator)

    return elementwise()


LAYERS: dict[str, st.SearchStrategy[LayerCase]] = {
    "ADD": _elementwise("ADD"),
    "SUB": _elementwise("SUB"),
    "MUL": _elementwise("MUL"),
    "MAXIMUM": _elementwise("MAXIMUM"),
    "MINIMUM": _elementwise("MINIMUM"),
}
