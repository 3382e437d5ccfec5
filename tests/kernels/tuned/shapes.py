"""Layers as networks have them, for the kernels that only take such: whole words of channels, 3x3
windows, ReLU at zero point -128, factors that spread the outputs over the int8 range; and images of
several of the longest vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d
from pytest_mlbench.testing.strategies.weighted import output_size, weighted

if TYPE_CHECKING:
    from pytest_mlbench.testing import LayerCase

CHANNELS = st.one_of(st.sampled_from([4, 8, 12, 16, 32, 64]), st.integers(1, 40))
FEW_CHANNELS = st.integers(1, 9)
WINDOWS = st.sampled_from([(1, 1), (1, 1), (3, 3), (3, 3), (3, 3), (10, 4), (2, 5)])
ACTIVATIONS = ("RELU", "RELU", "NONE", "RELU6")
STRIDES = st.sampled_from([(1, 1), (1, 1), (2, 2), (2, 1)])


def _draw_usual(draw: d.Draw, activations: tuple[str, ...] = ACTIVATIONS) -> d.Draw:
    """`draw`, but with zero points and factors as trained networks have them."""

    def usual(strategy: st.SearchStrategy[object]) -> object:
        if strategy is d.ZERO_POINTS:
            return draw(st.sampled_from([-128, -128, -128, -1, 5]))
        if strategy is d.FACTORS:
            return draw(st.floats(-10.0, -6.0).map(lambda exponent: 2.0**exponent))
        if strategy is d.ACTIVATIONS:
            return draw(st.sampled_from(activations))
        return draw(strategy)

    return usual


@st.composite
def _layer(draw: d.Draw, kind: str, *, wide: bool = False) -> LayerCase:
    depthwise = kind == "DEPTHWISE_CONV_2D"
    window = draw(st.just((3, 3)) if depthwise else WINDOWS)
    stride = draw(STRIDES)
    more = 30 if wide else 12
    size = [draw(st.integers(max(1, side - 1), side + more)) for side in window]
    same = any(a < b for a, b in zip(size, window, strict=True)) or draw(st.booleans())
    padding = "SAME" if same else "VALID"
    out = [output_size(size[i], window[i], stride[i], 1, padding) for i in (0, 1)]
    channels = FEW_CHANNELS if wide else CHANNELS
    batch, depth = draw(st.sampled_from([1, 1, 1, 2])), draw(channels)
    outputs = depth if depthwise else draw(channels)
    options = {
        "padding": padding,
        "stride_h": stride[0],
        "stride_w": stride[1],
        "dilation_h_factor": 1,
        "dilation_w_factor": 1,
    }
    if depthwise:
        options["depth_multiplier"] = 1
    return weighted(
        GraphBuilder(),
        _draw_usual(draw),
        d.rng(draw),
        kind=kind,
        image=(batch, *size, depth),
        weights=(1, *window, depth) if depthwise else (outputs, *window, depth),
        output=(batch, *out, outputs),
        axis=3 if depthwise else 0,
        options=options,
    )


@st.composite
def _rows_of_words(draw: d.Draw) -> LayerCase:
    """Pixels that are not whole words, rows of a filter that are, few outputs."""
    depth, width = draw(st.sampled_from([(1, 4), (1, 8), (2, 2), (2, 4), (3, 4), (6, 2)]))
    window = (draw(st.integers(1, 6)), width)
    stride = draw(st.sampled_from([(1, 1), (2, 2), (1, 3), (3, 1)]))
    size = [draw(st.integers(side, side + 12)) for side in window]
    padding = draw(st.sampled_from(["SAME", "VALID"]))
    out = [output_size(size[i], window[i], stride[i], 1, padding) for i in (0, 1)]
    outputs = draw(st.integers(1, 16))
    depthwise = depth == 1 and draw(st.booleans())
    options = {
        "padding": padding,
        "stride_h": stride[0],
        "stride_w": stride[1],
        "dilation_h_factor": 1,
        "dilation_w_factor": 1,
    }
    if depthwise:
        options["depth_multiplier"] = outputs
    return weighted(
        GraphBuilder(),
        _draw_usual(draw),
        d.rng(draw),
        kind="DEPTHWISE_CONV_2D" if depthwise else "CONV_2D",
        image=(1, *size, depth),
        weights=(1, *window, outputs) if depthwise else (outputs, *window, depth),
        output=(1, *out, outputs),
        axis=3 if depthwise else 0,
        options=options,
    )


@st.composite
def _many_positions(draw: d.Draw) -> LayerCase:
    """At least as many positions and channels as make it worth to prepare all weights."""
    window = draw(st.sampled_from([(1, 1), (3, 3), (4, 2), (1, 5)]))
    stride = draw(st.sampled_from([(1, 1), (1, 1), (2, 1), (1, 2)]))
    dilation = draw(st.sampled_from([(1, 1), (1, 1), (1, 2), (2, 1)]))
    padding = draw(st.sampled_from(["SAME", "VALID"]))
    least = [(window[i] - 1) * dilation[i] + 9 * stride[i] + 1 for i in (0, 1)]
    size = [draw(st.integers(least[i], least[i] + 3)) for i in (0, 1)]
    out = [output_size(size[i], window[i], stride[i], dilation[i], padding) for i in (0, 1)]
    batch, depth = draw(st.sampled_from([1, 1, 2])), draw(st.integers(1, 9))
    outputs = draw(st.integers(32, 37))
    return weighted(
        GraphBuilder(),
        _draw_usual(draw),
        d.rng(draw),
        kind="CONV_2D",
        image=(batch, *size, depth),
        weights=(outputs, *window, depth),
        output=(batch, *out, outputs),
        axis=0,
        options={
            "padding": padding,
            "stride_h": stride[0],
            "stride_w": stride[1],
            "dilation_h_factor": dilation[0],
            "dilation_w_factor": dilation[1],
        },
    )


@st.composite
def _winograd(draw: d.Draw) -> LayerCase:
    """3x3 with stride 1: odd and even sizes, narrower and wider than a strip, several images."""
    padding = draw(st.sampled_from(["SAME", "VALID"]))
    least = 1 if padding == "SAME" else 3
    size = [draw(st.integers(least, most)) for most in (17, 30)]
    out = [output_size(side, 3, 1, 1, padding) for side in size]
    batch, depth = draw(st.sampled_from([1, 1, 2])), draw(st.integers(1, 24))
    outputs = draw(st.integers(4, 24))
    return weighted(
        GraphBuilder(),
        _draw_usual(draw, ("NONE", "NONE", "RELU")),
        d.rng(draw),
        kind="CONV_2D",
        image=(batch, *size, depth),
        weights=(outputs, 3, 3, depth),
        output=(batch, *out, outputs),
        axis=0,
        options={
            "padding": padding,
            "stride_h": 1,
            "stride_w": 1,
            "dilation_h_factor": 1,
            "dilation_w_factor": 1,
        },
    )


@st.composite
def _rows(draw: d.Draw) -> LayerCase:
    batches = draw(st.sampled_from([1, 1, 1, 2, 7]))
    features, outputs = draw(st.integers(1, 200)), draw(st.integers(1, 70))
    return weighted(
        GraphBuilder(),
        _draw_usual(draw),
        d.rng(draw),
        kind="FULLY_CONNECTED",
        image=(batches, features),
        weights=(outputs, features),
        output=(batches, outputs),
        axis=0,
        options={},
    )


WORDS = st.sampled_from([4, 8, 12, 16, 20, 36])
"""Channels that are whole words."""


@st.composite
def _average_pool(draw: d.Draw) -> LayerCase:
    """Whole words of channels, windows of up to 256 values, cut by the border or not."""
    window = draw(st.sampled_from([(1, 1), (2, 2), (3, 3), (7, 7), (5, 25), (16, 16), (1, 9)]))
    stride = draw(st.sampled_from([(1, 1), (2, 2), (2, 1), (7, 25)]))
    padding = draw(st.sampled_from(["SAME", "VALID"]))
    size = [draw(st.integers(side, side + 3)) for side in window]
    out = [output_size(size[i], window[i], stride[i], 1, padding) for i in (0, 1)]
    batch, depth = draw(st.sampled_from([1, 1, 2])), draw(WORDS)
    build = GraphBuilder()
    known = {"scale": draw(d.SCALES), "zero_point": draw(d.ZERO_POINTS)}
    x = build.input("x", (batch, *size, depth), **known)
    y = build.activation("y", (batch, *out, depth), **known)
    build.op(
        "AVERAGE_POOL_2D",
        [x],
        [y],
        filter_height=window[0],
        filter_width=window[1],
        padding=padding,
        stride_h=stride[0],
        stride_w=stride[1],
        fused_activation_function=draw(d.ACTIVATIONS),
    )
    return d.case(build, y, d.rng(draw))


@st.composite
def _mean(draw: d.Draw) -> LayerCase:
    """Over height, width or both, of whole words of channels."""
    build, depth = GraphBuilder(), draw(WORDS)
    size = (draw(st.integers(1, 2)), draw(st.integers(1, 9)), draw(st.integers(1, 9)), depth)
    axes = draw(st.sampled_from([(1, 2), (1, 2), (1,), (2,)]))
    known = d.quantised(draw)
    out = known if draw(st.booleans()) else d.quantised(draw)
    x = build.input("x", size, **known)
    a = build.constant("a", np.array(axes, np.int32))
    y = build.activation("y", tuple(n for i, n in enumerate(size) if i not in axes), **out)
    build.op("MEAN", [x, a], [y], keep_dims=False)
    return d.case(build, y, d.rng(draw))


WINOGRAD = _winograd()

ROWS_OF_WORDS = _rows_of_words()
"""For the kernel that copies its image."""

USUAL = {
    "CONV_2D": st.one_of(_layer("CONV_2D"), _layer("CONV_2D", wide=True), _many_positions()),
    "DEPTHWISE_CONV_2D": _layer("DEPTHWISE_CONV_2D"),
    "FULLY_CONNECTED": _rows(),
}

AVERAGES = {"AVERAGE_POOL_2D": _average_pool(), "MEAN": _mean()}
"""For the kernels that take whole words of channels alone."""


def _is_short(case: LayerCase) -> bool:
    """Does the pool add at most 20,000 values, so that a core's model is soon done?"""
    (operator,) = case.graph.operators
    window = operator.options["filter_height"] * operator.options["filter_width"]
    return bool(window * case.graph.tensors[operator.outputs[0]].elements <= 20_000)


ON_A_CORE = {**AVERAGES, "AVERAGE_POOL_2D": AVERAGES["AVERAGE_POOL_2D"].filter(_is_short)}
"""The same for tests on the model of a core."""
