"""One strategy of layers per operator, over everything the format allows and TFLM executes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder

from . import draw as d

if TYPE_CHECKING:
    from .model import LayerCase


def _output_size(size: int, window: int, stride: int, dilation: int, padding: str) -> int:
    if padding == "SAME":
        return math.ceil(size / stride)
    return math.ceil((size - (window - 1) * dilation) / stride)


def _plane(draw: d.Draw, *, dilated: bool = True) -> dict[str, Any]:
    """Image, window, stride, dilation, padding, and the output's size."""
    height, width = d.small(draw, 9), d.small(draw, 9)
    window = d.small(draw, 5), d.small(draw, 5)
    stride = d.small(draw, 3), d.small(draw, 3)
    dilation = (d.small(draw, 3), d.small(draw, 3)) if dilated and draw(st.booleans()) else (1, 1)
    padding = draw(st.sampled_from(["SAME", "VALID"]))
    rows = _output_size(height, window[0], stride[0], dilation[0], padding)
    columns = _output_size(width, window[1], stride[1], dilation[1], padding)
    assume(rows > 0 and columns > 0)
    options = {"padding": padding, "stride_h": stride[0], "stride_w": stride[1]}
    if dilated:
        options |= {"dilation_h_factor": dilation[0], "dilation_w_factor": dilation[1]}
    return {"size": (height, width), "window": window, "out": (rows, columns), "options": options}


def _weight_scales(draw: d.Draw, channels: int, input_scale: float) -> tuple[list[float], float]:
    """Weight scales (one, or one per channel) and an output scale, from drawn multipliers."""
    count = channels if draw(st.booleans()) else 1
    # One by one: a caller's `draw` may answer for FACTORS with other ones.
    factors = [draw(d.FACTORS) for _ in range(count)]
    output = draw(d.SCALES)
    return [max(1e-30, factor * output / input_scale) for factor in factors], output


def _weighted(
    build: GraphBuilder,
    draw: d.Draw,
    generator: np.random.Generator,
    *,
    kind: str,
    image: tuple[int, ...],
    weights: tuple[int, ...],
    output: tuple[int, ...],
    axis: int,
    options: dict[str, Any],
) -> LayerCase:
    """A layer with weights and bias."""
    channels = output[-1]
    scale = draw(d.SCALES)
    scales, output_scale = _weight_scales(draw, channels, scale)
    x = build.input("x", image, scale=scale, zero_point=draw(d.ZERO_POINTS))
    w = build.constant("w", d.weights(generator, weights, draw), scale=scales, axis=axis)
    bias = -1
    if draw(st.integers(0, 3)):
        reach = draw(st.sampled_from([100, 20_000, 1 << 20]))
        values = generator.integers(-reach, reach, channels, dtype=np.int32)
        bias = build.constant("b", values, scale=[scale * one for one in scales])
    y = build.activation("y", output, scale=output_scale, zero_point=draw(d.ZERO_POINTS))
    # The interpreter crashes on a DEPTHWISE_CONV_2D whose third input is absent; two are well.
    short = bias < 0 and (kind == "DEPTHWISE_CONV_2D" or draw(st.booleans()))
    inputs = [x, w] if short else [x, w, bias]
    build.op(kind, inputs, [y], fused_activation_function=draw(d.ACTIVATIONS), **options)
    return d.case(build, y, generator)


@st.composite
def conv_2d(draw: d.Draw) -> LayerCase:
    """CONV_2D, grouped ones too."""
    plane, generator = _plane(draw), d.rng(draw)
    groups = draw(st.sampled_from([1, 1, 1, 2, 3]))
    depth, outputs = d.small(draw, 9), groups * d.small(draw, 9 // groups)
    batch = draw(st.sampled_from([1, 1, 2]))
    return _weighted(
        GraphBuilder(), draw, generator, kind="CONV_2D",
        image=(batch, *plane["size"], depth * groups),
        weights=(outputs, *plane["window"], depth),
        output=(batch, *plane["out"], outputs), axis=0, options=plane["options"],
    )  # fmt: skip


@st.composite
def depthwise_conv_2d(draw: d.Draw) -> LayerCase:
    """DEPTHWISE_CONV_2D with any depth multiplier."""
    plane, generator = _plane(draw), d.rng(draw)
    depth, multiplier = d.small(draw, 9), draw(st.sampled_from([1, 1, 1, 2, 3]))
    batch, channels = draw(st.sampled_from([1, 1, 2])), depth * multiplier
    return _weighted(
        GraphBuilder(), draw, generator, kind="DEPTHWISE_CONV_2D",
        image=(batch, *plane["size"], depth),
        weights=(1, *plane["window"], channels),
        output=(batch, *plane["out"], channels), axis=3,
        options={**plane["options"], "depth_multiplier": multiplier},
    )  # fmt: skip


@st.composite
def fully_connected(draw: d.Draw) -> LayerCase:
    """FULLY_CONNECTED of constant weights, per tensor and per channel."""
    generator = d.rng(draw)
    batches, features, outputs = d.small(draw, 3), d.small(draw, 70), d.small(draw, 20)
    return _weighted(
        GraphBuilder(), draw, generator, kind="FULLY_CONNECTED",
        image=(batches, features), weights=(outputs, features), output=(batches, outputs),
        axis=0, options={},
    )  # fmt: skip


@st.composite
def fully_connected_computed(draw: d.Draw) -> LayerCase:
    """FULLY_CONNECTED whose weights are an activation."""
    build, generator = GraphBuilder(), d.rng(draw)
    batches, features, outputs = d.small(draw, 3), d.small(draw, 20), d.small(draw, 9)
    scale, output = draw(d.SCALES), draw(d.SCALES)
    x = build.input("x", (batches, features), scale=scale, zero_point=draw(d.ZERO_POINTS))
    w = build.input("w", (outputs, features), scale=draw(d.FACTORS) * output / scale)
    y = build.activation("y", (batches, outputs), scale=output, zero_point=draw(d.ZERO_POINTS))
    build.op("FULLY_CONNECTED", [x, w, -1], [y], fused_activation_function=draw(d.ACTIVATIONS))
    return d.case(build, y, generator)


def _pool(kind: str) -> st.SearchStrategy[LayerCase]:
    @st.composite
    def pool(draw: d.Draw) -> LayerCase:
        build, plane, generator = GraphBuilder(), _plane(draw, dilated=False), d.rng(draw)
        batch, depth = draw(st.sampled_from([1, 1, 2])), d.small(draw, 5)
        known = {"scale": draw(d.SCALES), "zero_point": draw(d.ZERO_POINTS)}
        x = build.input("x", (batch, *plane["size"], depth), **known)
        y = build.activation("y", (batch, *plane["out"], depth), **known)
        build.op(
            kind, [x], [y], filter_height=plane["window"][0], filter_width=plane["window"][1],
            fused_activation_function=draw(d.ACTIVATIONS), **plane["options"],
        )  # fmt: skip
        return d.case(build, y, generator)

    return pool()


@st.composite
def _shapes(draw: d.Draw) -> tuple[tuple[int, ...], ...]:
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
        left, right, output = draw(_shapes())
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


def _unary(
    kind: str, output: tuple[float, int] | None = None, *, same: bool = False
) -> st.SearchStrategy[LayerCase]:
    @st.composite
    def unary(draw: d.Draw) -> LayerCase:
        build, generator = GraphBuilder(), d.rng(draw)
        size = d.shape(draw, 1, 4)
        scale, zero = draw(d.SCALES), draw(d.ZERO_POINTS)
        out = output or ((scale, zero) if same else (draw(d.SCALES), draw(d.ZERO_POINTS)))
        x = build.input("x", size, scale=scale, zero_point=zero)
        y = build.activation("y", size, scale=out[0], zero_point=out[1])
        build.op(kind, [x], [y])
        return d.case(build, y, generator)

    return unary()


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


@st.composite
def quantize(draw: d.Draw) -> LayerCase:
    """QUANTIZE of float32 and between 8-bit integers."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = d.shape(draw, 1, 4)
    types = [("float32", "int8"), ("int8", "int8"), ("uint8", "int8"), ("int8", "uint8")]
    source, target = draw(st.sampled_from(types))
    x_known: dict[str, Any] = {}
    if source != "float32":
        zero = draw(d.ZERO_POINTS) + (128 if source == "uint8" else 0)
        x_known = {"scale": draw(d.SCALES), "zero_point": zero}
    x = build.input("x", size, source, **x_known)
    zero = draw(d.ZERO_POINTS) + (128 if target == "uint8" else 0)
    y = build.activation("y", size, target, scale=draw(d.SCALES), zero_point=zero)
    build.op("QUANTIZE", [x], [y])
    return d.case(build, y, generator)


@st.composite
def dequantize(draw: d.Draw) -> LayerCase:
    """DEQUANTIZE of int8 and uint8."""
    build, generator = GraphBuilder(), d.rng(draw)
    size, source = d.shape(draw, 1, 4), draw(st.sampled_from(["int8", "uint8"]))
    zero = draw(d.ZERO_POINTS) + (128 if source == "uint8" else 0)
    x = build.input("x", size, source, scale=draw(d.SCALES), zero_point=zero)
    y = build.activation("y", size, "float32")
    build.op("DEQUANTIZE", [x], [y])
    return d.case(build, y, generator)


@st.composite
def pad(draw: d.Draw) -> LayerCase:
    """PAD and PADV2 in every dimension."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = d.shape(draw, 1, 4)
    amounts = np.array([[draw(st.integers(0, 3)), draw(st.integers(0, 3))] for _ in size], np.int32)
    known = {"scale": draw(d.SCALES), "zero_point": draw(d.ZERO_POINTS)}
    x = build.input("x", size, **known)
    p = build.constant("p", amounts)
    output = tuple(int(one + sum(pair)) for one, pair in zip(size, amounts, strict=True))
    y = build.activation("y", output, **known)
    if draw(st.integers(0, 3)):
        build.op("PAD", [x, p], [y])
    else:
        value = build.constant("v", np.array(draw(st.integers(-128, 127)), np.int8), **known)
        build.op("PADV2", [x, p, value], [y])
    return d.case(build, y, generator)


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


@st.composite
def concatenation(draw: d.Draw) -> LayerCase:
    """CONCATENATION of one to five inputs along any axis, constants among them."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = d.shape(draw, 1, 4)
    axis = draw(st.integers(0, len(size) - 1))
    known = {"scale": draw(d.SCALES), "zero_point": draw(d.ZERO_POINTS)}
    inputs, total = [build.input("x", size, **known)], size[axis]
    for number in range(draw(st.integers(0, 4))):
        extent = d.small(draw, 5)
        one = (*size[:axis], extent, *size[axis + 1 :])
        choice, total = draw(st.integers(0, 4)), total + extent
        if choice == 0:
            inputs.append(build.constant(f"c{number}", d.int8(generator, one), **known))
        elif choice == 1 and extent == size[axis]:
            inputs.append(inputs[0])
        else:
            inputs.append(build.input(f"x{number}", one, **known))
    y = build.activation("y", (*size[:axis], total, *size[axis + 1 :]), **known)
    build.op("CONCATENATION", inputs, [y], axis=axis - draw(st.sampled_from([0, len(size)])))
    return d.case(build, y, generator)


LAYERS: dict[str, st.SearchStrategy[LayerCase]] = {
    "ADD": _elementwise("ADD"),
    "AVERAGE_POOL_2D": _pool("AVERAGE_POOL_2D"),
    "CONCATENATION": concatenation(),
    "CONV_2D": conv_2d(),
    "DEPTHWISE_CONV_2D": depthwise_conv_2d(),
    "DEQUANTIZE": dequantize(),
    "FULLY_CONNECTED": fully_connected(),
    "FULLY_CONNECTED_COMPUTED": fully_connected_computed(),
    "LOGISTIC": _unary("LOGISTIC", (1 / 256, -128)),
    "MAXIMUM": _elementwise("MAXIMUM"),
    "MAX_POOL_2D": _pool("MAX_POOL_2D"),
    "MEAN": mean(),
    "MINIMUM": _elementwise("MINIMUM"),
    "MUL": _elementwise("MUL"),
    "PAD": pad(),
    "QUANTIZE": quantize(),
    "RELU": _unary("RELU"),
    "RELU6": _unary("RELU6", same=True),
    "SOFTMAX": softmax(),
    "SUB": _elementwise("SUB"),
    "TANH": _unary("TANH", (1 / 128, 0)),
}
"""Operator -> strategy of one layer of it."""
