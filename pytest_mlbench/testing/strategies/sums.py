"""ADD_N, CUMSUM and DIV."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d

from .elementwise import broadcast_shapes

if TYPE_CHECKING:
    from pytest_mlbench.testing.model import LayerCase


def _add_n(dtype: str) -> st.SearchStrategy[LayerCase]:
    @st.composite
    def add_n(draw: d.Draw) -> LayerCase:
        """Two to twenty inputs, including constants and repeated inputs."""
        build, generator = GraphBuilder(), d.rng(draw)
        size, known = d.shape(draw, 1, 4), d.quantised(draw, dtype)
        inputs = [build.input("x", size, dtype, **known)]
        for number in range(draw(st.one_of(st.integers(1, 4), st.integers(1, 19)))):
            choice = draw(st.integers(0, 5))
            if choice == 0 and dtype == "int8":
                inputs.append(build.constant(f"c{number}", d.int8(generator, size), **known))
            elif choice == 1:
                inputs.append(inputs[0])
            else:
                inputs.append(build.input(f"x{number}", size, dtype, **known))
        y = build.activation("y", size, dtype, **d.quantised(draw, dtype))
        build.op("ADD_N", inputs, [y])
        return d.case(build, y, generator)

    return add_n()


def _cumsum(dtype: str) -> st.SearchStrategy[LayerCase]:
    @st.composite
    def cumsum(draw: d.Draw) -> LayerCase:
        """CUMSUM along any axis, in both directions, inclusive and exclusive."""
        build, generator = GraphBuilder(), d.rng(draw)
        size = d.shape(draw, 1, 4, draw(st.sampled_from([6, 6, 30])))
        axis = draw(st.integers(-len(size), len(size) - 1))
        x = build.input("x", size, dtype, **d.quantised(draw, dtype))
        a = build.constant("a", np.array(axis, np.int32))
        y = build.activation("y", size, dtype, **d.quantised(draw, dtype))
        options = {"exclusive": draw(st.booleans()), "reverse": draw(st.booleans())}
        build.op("CUMSUM", [x, a], [y], **options)
        return d.case(build, y, generator)

    return cumsum()


@st.composite
def div(draw: d.Draw) -> LayerCase:
    """DIV of int8 by non-zero values, below or above their zero point."""
    build, generator = GraphBuilder(), d.rng(draw)
    left, right, output = draw(broadcast_shapes())
    known = d.quantised(draw)
    zero = known["zero_point"]
    below = zero > -128 and (zero == 127 or draw(st.booleans()))
    a = build.input("a", left, **d.quantised(draw))
    b = build.input("b", right, **known)
    edge = build.constant("edge", np.array(zero - 1 if below else zero + 1, np.int8), **known)
    c = build.activation("c", right, **known)
    y = build.activation("y", output, **d.quantised(draw))
    build.op("MINIMUM" if below else "MAXIMUM", [b, edge], [c])
    build.op("DIV", [a, c], [y], fused_activation_function=draw(d.ACTIVATIONS))
    return d.case(build, y, generator)


LAYERS: dict[str, st.SearchStrategy[LayerCase]] = {
    "ADD_N": _add_n("int8"),
    "ADD_N_FLOAT32": _add_n("float32"),
    "CUMSUM": _cumsum("int8"),
    "CUMSUM_FLOAT32": _cumsum("float32"),
    "DIV": div(),
}
