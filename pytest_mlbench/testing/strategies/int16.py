"""Layers of int16 activations, int8 weights and an int64 bias."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d

from .elementwise import broadcast_shapes
from .weighted import draw_plane

if TYPE_CHECKING:
    from pytest_mlbench.testing.model import LayerCase

SCALES = st.floats(-15.0, -7.0).map(lambda exponent: float(np.float32(2.0**exponent)))


def _weighted(kind: str) -> st.SearchStrategy[LayerCase]:
    @st.composite
    def weighted(draw: d.Draw) -> LayerCase:
        """CONV_2D and DEPTHWISE_CONV_2D."""
        build, generator = GraphBuilder(), d.rng(draw)
        plane = draw_plane(draw)
        depth, outputs = d.small(draw, 6), d.small(draw, 6)
        taps = (outputs, *plane["window"], depth)
        options = plane["options"]
        if kind == "DEPTHWISE_CONV_2D":
            multiplier = draw(st.integers(1, 2))
            outputs = depth * multiplier
            taps = (1, *plane["window"], outputs)
            options = {**options, "depth_multiplier": multiplier}
        return _layer(
            draw, build, generator, kind, (1, *plane["size"], depth), taps,
            (1, *plane["out"], outputs), options,
        )  # fmt: skip

    return weighted()


def _layer(
    draw: d.Draw,
    build: GraphBuilder,
    generator: np.random.Generator,
    kind: str,
    size: tuple[int, ...],
    taps: tuple[int, ...],
    output: tuple[int, ...],
    options: dict[str, Any],
) -> LayerCase:
    scale = draw(SCALES)
    x = build.input("x", size, "int16", scale=scale)
    factors = [2.0 ** draw(st.floats(-14, -3)) for _ in range(output[-1])]
    made = draw(SCALES)
    scales = [factor * made / scale for factor in factors]
    axis = 3 if kind == "DEPTHWISE_CONV_2D" else 0
    w = build.constant("w", d.weights(generator, taps, draw), scale=scales, axis=axis)
    reach = draw(st.sampled_from([100, 1 << 20, 1 << 34]))
    values = generator.integers(-reach, reach, output[-1], dtype=np.int64)
    b = build.constant("b", values, scale=[scale * one for one in scales])
    y = build.activation("y", output, "int16", scale=made)
    build.op(kind, [x, w, b], [y], fused_activation_function=draw(d.ACTIVATIONS), **options)
    return d.case(build, y, generator)


@st.composite
def narrow_conv_2d(draw: d.Draw) -> LayerCase:
    """CONV_2D with a 32-bit bias, which is summed in 32 bits, or without a bias."""
    build, generator, plane = GraphBuilder(), d.rng(draw), draw_plane(draw)
    depth, outputs = d.small(draw, 6), d.small(draw, 6)
    scale, made = draw(SCALES), draw(SCALES)
    scales = [2.0 ** draw(st.floats(-14, -3)) * made / scale for _ in range(outputs)]
    x = build.input("x", (1, *plane["size"], depth), "int16", scale=scale)
    taps = d.weights(generator, (outputs, *plane["window"], depth), draw)
    inputs = [x, build.constant("w", taps, scale=scales)]
    if draw(st.booleans()):
        values = generator.integers(-(1 << 20), 1 << 20, outputs, dtype=np.int32)
        inputs.append(build.constant("b", values, scale=[scale * one for one in scales]))
    y = build.activation("y", (1, *plane["out"], outputs), "int16", scale=made)
    activation = draw(d.ACTIVATIONS)
    build.op("CONV_2D", inputs, [y], fused_activation_function=activation, **plane["options"])
    return d.case(build, y, generator)


@st.composite
def computed_fully_connected(draw: d.Draw) -> LayerCase:
    """FULLY_CONNECTED with computed or constant weights that have a zero point."""
    build, generator = GraphBuilder(), d.rng(draw)
    batches, features, outputs = d.small(draw, 3), d.small(draw, 30), d.small(draw, 9)
    scale, made = draw(SCALES), draw(SCALES)
    weights = {
        "scale": 2.0 ** draw(st.floats(-14, -3)) * made / scale,
        "zero_point": draw(d.ZERO_POINTS),
    }
    x = build.input("x", (batches, features), "int16", scale=scale)
    size = (outputs, features)
    if draw(st.booleans()):
        w = build.input("w", size, **weights)
    else:
        w = build.constant("w", d.weights(generator, size, draw), **weights)
    y = build.activation("y", (batches, outputs), "int16", scale=made)
    build.op("FULLY_CONNECTED", [x, w], [y], fused_activation_function=draw(d.ACTIVATIONS))
    return d.case(build, y, generator)


@st.composite
def transpose_conv(draw: d.Draw) -> LayerCase:
    """TRANSPOSE_CONV with a bias: without one, the interpreter reads invalid memory."""
    build, generator = GraphBuilder(), d.rng(draw)
    plane = draw_plane(draw, dilated=False)
    depth, outputs = d.small(draw, 5), d.small(draw, 5)
    scale, made = draw(SCALES), draw(SCALES)
    scales = [2.0 ** draw(st.floats(-14, -3)) * made / scale for _ in range(outputs)]
    size = (1, *plane["size"], outputs)
    shape = build.constant("shape", np.array(size, np.int32))
    taps = d.weights(generator, (outputs, *plane["window"], depth), draw)
    w = build.constant("w", taps, scale=scales)
    x = build.input("x", (1, *plane["out"], depth), "int16", scale=scale)
    values = generator.integers(-(1 << 34), 1 << 34, outputs, dtype=np.int64)
    b = build.constant("b", values, scale=[scale * one for one in scales])
    y = build.activation("y", size, "int16", scale=made)
    activation = draw(d.ACTIVATIONS)
    build.op(
        "TRANSPOSE_CONV",
        [shape, w, x, b],
        [y],
        fused_activation_function=activation,
        **plane["options"],
    )
    return d.case(build, y, generator)


@st.composite
def leaky_relu(draw: d.Draw) -> LayerCase:
    """LEAKY_RELU, also with zero points, which the kernel uses."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = d.shape(draw, 1, 4)
    zeros = st.sampled_from([0, 0, -300, 7000])
    x = build.input("x", size, "int16", scale=draw(SCALES), zero_point=draw(zeros))
    y = build.activation("y", size, "int16", scale=draw(SCALES), zero_point=draw(zeros))
    build.op("LEAKY_RELU", [x], [y], alpha=draw(st.floats(0.0, 1.5, width=32)))
    return d.case(build, y, generator)


@st.composite
def rsqrt(draw: d.Draw) -> LayerCase:
    """RSQRT of non-negative values; negative ones are refused."""
    build, generator = GraphBuilder(), d.rng(draw)
    size, scale = d.shape(draw, 1, 4), draw(SCALES)
    x = build.input("x", size, "int16", scale=scale)
    nothing = build.constant("nothing", np.array(0, np.int16), scale=scale)
    above = build.activation("above", size, "int16", scale=scale)
    y = build.activation("y", size, "int16", scale=draw(d.SCALES))
    build.op("MAXIMUM", [x, nothing], [above])
    build.op("RSQRT", [above], [y])
    return d.case(build, y, generator)


@st.composite
def fully_connected(draw: d.Draw) -> LayerCase:
    """FULLY_CONNECTED per channel."""
    batches, features, outputs = d.small(draw, 3), d.small(draw, 70), d.small(draw, 9)
    return _layer(
        draw, GraphBuilder(), d.rng(draw), "FULLY_CONNECTED", (batches, features),
        (outputs, features), (batches, outputs), {},
    )  # fmt: skip


def _pool(kind: str) -> st.SearchStrategy[LayerCase]:
    @st.composite
    def pool(draw: d.Draw) -> LayerCase:
        build, plane, generator = GraphBuilder(), draw_plane(draw, dilated=False), d.rng(draw)
        depth, scale = d.small(draw, 5), draw(SCALES)
        x = build.input("x", (1, *plane["size"], depth), "int16", scale=scale)
        y = build.activation("y", (1, *plane["out"], depth), "int16", scale=scale)
        build.op(
            kind, [x], [y], filter_height=plane["window"][0], filter_width=plane["window"][1],
            fused_activation_function=draw(d.ACTIVATIONS), **plane["options"],
        )  # fmt: skip
        return d.case(build, y, generator)

    return pool()


def _elementwise(kind: str) -> st.SearchStrategy[LayerCase]:
    @st.composite
    def elementwise(draw: d.Draw) -> LayerCase:
        build, generator = GraphBuilder(), d.rng(draw)
        left, right, output = draw(broadcast_shapes())
        scales = [draw(SCALES) for _ in range(3)]
        if kind == "MUL":
            scales[2] = scales[0] * scales[1] * 2.0 ** draw(st.floats(2, 16))
        a = build.input("a", left, "int16", scale=scales[0])
        b = build.input("b", right, "int16", scale=scales[1])
        y = build.activation("y", output, "int16", scale=scales[2])
        build.op(kind, [a, b], [y], fused_activation_function=draw(d.ACTIVATIONS))
        return d.case(build, y, generator)

    return elementwise()


def _unary(
    kind: str,
    types: tuple[str, str] = ("int16", "int16"),
    output: float = 0.0,
    same: bool = False,
) -> st.SearchStrategy[LayerCase]:
    @st.composite
    def unary(draw: d.Draw) -> LayerCase:
        build, generator = GraphBuilder(), d.rng(draw)
        size = d.shape(draw, 1, 4)

        def known(dtype: str, scale: float) -> dict[str, Any]:
            if dtype == "float32":
                return {}
            zero = draw(d.ZERO_POINTS) if dtype == "int8" else 0
            return {"scale": scale, "zero_point": zero}

        first = draw(SCALES)
        if kind in ("LOGISTIC", "TANH"):
            first = draw(st.sampled_from([2.0**-12, 2.0**-11, first, first]))
        x = build.input("x", size, types[0], **known(types[0], first))
        made = output or (first if same else draw(SCALES))
        y = build.activation("y", size, types[1], **known(types[1], made))
        build.op(kind, [x], [y])
        return d.case(build, y, generator)

    return unary()


LAYERS: dict[str, st.SearchStrategy[LayerCase]] = {
    "ABS_INT16": _unary("ABS"),
    "ABS_INT16_ONE_SCALE": _unary("ABS", same=True),
    "CONV_2D_INT16_NARROW": narrow_conv_2d(),
    "FULLY_CONNECTED_INT16_COMPUTED": computed_fully_connected(),
    "LEAKY_RELU_INT16": leaky_relu(),
    "RSQRT_INT16": rsqrt(),
    "TRANSPOSE_CONV_INT16": transpose_conv(),
    "ADD_INT16": _elementwise("ADD"),
    "AVERAGE_POOL_2D_INT16": _pool("AVERAGE_POOL_2D"),
    "CONV_2D_INT16": _weighted("CONV_2D"),
    "DEPTHWISE_CONV_2D_INT16": _weighted("DEPTHWISE_CONV_2D"),
    "DEQUANTIZE_INT16": _unary("DEQUANTIZE", ("int16", "float32")),
    "FULLY_CONNECTED_INT16": fully_connected(),
    "LOGISTIC_INT16": _unary("LOGISTIC", output=2.0**-15),
    "MAX_POOL_2D_INT16": _pool("MAX_POOL_2D"),
    "MUL_INT16": _elementwise("MUL"),
    "QUANTIZE_INT16": _unary("QUANTIZE", ("float32", "int16")),
    "QUANTIZE_INT16_INT16": _unary("QUANTIZE"),
    "QUANTIZE_INT16_INT8": _unary("QUANTIZE", ("int16", "int8")),
    "QUANTIZE_INT8_INT16": _unary("QUANTIZE", ("int8", "int16")),
    "RELU6_INT16": _unary("RELU6", same=True),
    "RELU_INT16": _unary("RELU"),
    "SUB_INT16": _elementwise("SUB"),
    "TANH_INT16": _unary("TANH", output=2.0**-15),
}
