"""Activation functions, SOFTMAX, L2_NORMALIZATION."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_mlbench.testing.model import LayerCase


def unary(
    kind: str,
    output: tuple[float, int] | None = None,
    *,
    same: bool = False,
    options: Mapping[str, st.SearchStrategy[Any]] | None = None,
) -> st.SearchStrategy[LayerCase]:
    @st.composite
    def unary(draw: d.Draw) -> LayerCase:
        build, generator = GraphBuilder(), d.rng(draw)
        size = d.shape(draw, 1, 4)
        scale, zero = draw(d.SCALES), draw(d.ZERO_POINTS)
        out = output or ((scale, zero) if same else (draw(d.SCALES), draw(d.ZERO_POINTS)))
        x = build.input("x", size, scale=scale, zero_point=zero)
        y = build.activation("y", size, scale=out[0], zero_point=out[1])
        build.op(kind, [x], [y], **{name: draw(one) for name, one in (options or {}).items()})
        return d.case(build, y, generator)

    return unary()


def other_scale(kind: str, zero_point: int | None) -> st.SearchStrategy[LayerCase]:
    """LOGISTIC and TANH with a non-standard output scale, and RELU6 whose output differs from its
    input in scale and zero point: the interpreter ignores both."""

    @st.composite
    def other_scale(draw: d.Draw) -> LayerCase:
        build, generator = GraphBuilder(), d.rng(draw)
        size = d.shape(draw, 1, 4)
        x = build.input("x", size, **d.quantised(draw))
        zero = draw(d.ZERO_POINTS) if zero_point is None else zero_point
        y = build.activation("y", size, scale=draw(d.SCALES), zero_point=zero)
        build.op(kind, [x], [y])
        return d.case(build, y, generator)

    return other_scale()


@st.composite
def prelu(draw: d.Draw, dtype: str = "int8") -> LayerCase:
    """PRELU with one int8 alpha, one per channel, or one per element."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = d.shape(draw, 1, 4)
    alpha = tuple(1 if draw(st.booleans()) else extent for extent in size)
    alpha = alpha[draw(st.integers(0, len(size) - 1)) :]
    zeros = d.ZERO_POINTS if dtype == "int8" else st.sampled_from([0, 0, -300, 7000])
    x = build.input("x", size, dtype, scale=draw(d.SCALES), zero_point=draw(zeros))
    a = build.constant("a", d.int8(generator, alpha), **d.quantised(draw))
    y = build.activation("y", size, dtype, scale=draw(d.SCALES), zero_point=draw(zeros))
    build.op("PRELU", [x, a], [y])
    return d.case(build, y, generator)


@st.composite
def rsqrt(draw: d.Draw) -> LayerCase:
    """RSQRT of non-negative values; it is undefined for negative ones."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = d.shape(draw, 1, 4)
    x = build.input("x", size, scale=draw(d.SCALES), zero_point=-128)
    y = build.activation("y", size, **d.quantised(draw))
    build.op("RSQRT", [x], [y])
    return d.case(build, y, generator)


@st.composite
def hard_swish(draw: d.Draw) -> LayerCase:
    """HARD_SWISH; the scales differ by a factor of at most 100."""
    build, generator = GraphBuilder(), d.rng(draw)
    size, scale = d.shape(draw, 1, 4), draw(d.SCALES)
    ratio = draw(st.floats(-6.0, 6.0).map(lambda exponent: 2.0**exponent))
    x = build.input("x", size, scale=scale, zero_point=draw(d.ZERO_POINTS))
    y = build.activation("y", size, scale=scale * ratio, zero_point=draw(d.ZERO_POINTS))
    build.op("HARD_SWISH", [x], [y])
    return d.case(build, y, generator)


@st.composite
def l2_normalization(draw: d.Draw) -> LayerCase:
    """L2_NORMALIZATION of 1 to 300 values."""
    build, generator = GraphBuilder(), d.rng(draw)
    depth = draw(st.one_of(st.integers(1, 20), st.integers(1, 300)))
    size = (*d.shape(draw, 0, 3, 3), depth)
    x = build.input("x", size, scale=draw(d.SCALES), zero_point=draw(d.ZERO_POINTS))
    y = build.activation("y", size, scale=1 / 128, zero_point=0)
    build.op("L2_NORMALIZATION", [x], [y])
    return d.case(build, y, generator)


@st.composite
def softmax(draw: d.Draw) -> LayerCase:
    """SOFTMAX of 1 to 300 values."""
    build, generator = GraphBuilder(), d.rng(draw)
    depth = draw(st.one_of(st.integers(1, 20), st.integers(1, 300)))
    size = (*d.shape(draw, 0, 3, 3), depth)
    x = build.input("x", size, scale=draw(d.SCALES), zero_point=draw(d.ZERO_POINTS))
    y = build.activation("y", size, scale=1 / 256, zero_point=-128)
    build.op("SOFTMAX", [x], [y], beta=draw(st.sampled_from([1.0, 1.0, 0.5, 2.5])))
    return d.case(build, y, generator)


LAYERS: dict[str, st.SearchStrategy[LayerCase]] = {
    "ABS": unary("ABS"),
    "ELU": unary("ELU"),
    "HARD_SWISH": hard_swish(),
    "L2_NORMALIZATION": l2_normalization(),
    "PRELU": prelu(),
    "PRELU_INT16": prelu("int16"),
    "RSQRT": rsqrt(),
    "LEAKY_RELU": unary("LEAKY_RELU", options={"alpha": st.floats(0.0, 1.5, width=32)}),
    "LOGISTIC_OTHER_SCALE": other_scale("LOGISTIC", -128),
    "LOGISTIC": unary("LOGISTIC", (1 / 256, -128)),
    "RELU": unary("RELU"),
    "RELU6_OTHER_SCALE": other_scale("RELU6", None),
    "TANH_OTHER_SCALE": other_scale("TANH", None),
    "RELU6": unary("RELU6", same=True),
    "SOFTMAX": softmax(),
    "TANH": unary("TANH", (1 / 128, 0)),
}
