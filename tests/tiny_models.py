"""Small models for the tests of the format."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import LAYERS, combine
from pytest_mlbench.testing.profiles import draw_layers

if TYPE_CHECKING:
    from pytest_mlbench.models.tflite.graph import Graph


def dense() -> GraphBuilder:
    """One FULLY_CONNECTED, 8 to 4."""
    build = GraphBuilder("dense")
    x = build.input("x", (1, 8), scale=0.5, zero_point=3)
    weights = build.constant("w", np.arange(-16, 16, dtype=np.int8).reshape(4, 8), scale=0.01)
    bias = build.constant("b", np.array([1, -2, 300, -400], np.int32), scale=0.005)
    y = build.activation("y", (1, 4), scale=0.25, zero_point=-5)
    build.op("FULLY_CONNECTED", [x, weights, bias], [y], fused_activation_function="RELU")
    return build


@cache
def one_of_each() -> Graph:
    """One layer of every strategy, side by side: every operator that is covered."""
    return combine([draw_layers(LAYERS[kind], 1)[0] for kind in sorted(LAYERS)]).graph


def many_operators() -> Graph:
    """Two dozen operators one behind the other, of several inputs and outputs."""
    build = GraphBuilder("all")
    q = {"scale": 0.5, "zero_point": 1}
    f = build.input("f", (1, 4, 4, 2), "float32")
    other = build.input("other", (1, 4, 4, 2), **q)
    x = build.op("QUANTIZE", [f], [build.activation("x", (1, 4, 4, 2), **q)])
    paddings = np.array([[0, 0], [1, 0], [0, 1], [0, 0]], np.int32)
    pad = build.constant("paddings", paddings)
    padded = build.op("PAD", [x, pad], [build.activation("padded", (1, 5, 5, 2), **q)])
    seven = build.constant("seven", np.array(7, np.int8), **q)
    wide = build.activation("wide", (1, 6, 6, 2), **q)
    padded = build.op("PADV2", [padded, pad, seven], [wide])
    filters = np.arange(-54, 54, dtype=np.int8).reshape(6, 3, 3, 2)
    weights = build.constant("filters", filters, scale=[0.25 * i for i in range(1, 7)])
    convolved = build.op(
        "CONV_2D",
        [padded, weights, -1],
        [build.activation("convolved", (1, 4, 4, 6), **q)],
        padding="VALID",
        stride_w=1,
        stride_h=1,
        fused_activation_function="RELU6",
    )
    taps = np.arange(-54, 54, dtype=np.int8).reshape(1, 3, 3, 12)
    weights = build.constant("taps", taps, scale=[0.5] * 12, axis=3)
    bias = build.constant("bias", np.arange(12, dtype=np.int32), scale=[0.25] * 12)
    deep = build.op(
        "DEPTHWISE_CONV_2D",
        [convolved, weights, bias],
        [build.activation("deep", (1, 4, 4, 12), **q)],
        stride_w=1,
        stride_h=1,
        depth_multiplier=2,
        dilation_w_factor=2,
        dilation_h_factor=3,
    )
    window = {"stride_w": 1, "stride_h": 3, "filter_width": 4, "filter_height": 2}
    pools = [
        build.op(
            kind, [deep], [build.activation(kind, (1, 1, 1, 12), **q)], padding="VALID", **window
        )
        for kind in ("AVERAGE_POOL_2D", "MAX_POOL_2D")
    ]
    pairs = pools
    for kind in ("ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM"):
        pairs = [build.op(kind, pairs, [build.activation(kind, (1, 1, 1, 12), **q)]), pools[0]]
    value = pairs[0]
    fixed = {"scale": 1 / 256, "zero_point": -128}
    for kind, out in (
        ("RELU", q),
        ("RELU6", q),
        ("LOGISTIC", fixed),
        ("TANH", {"scale": 1 / 128, "zero_point": 0}),
    ):
        value = build.op(kind, [value], [build.activation(kind, (1, 1, 1, 12), **out)])
    q = {"scale": 1 / 128, "zero_point": 0}
    flat = build.op(
        "SQUEEZE", [value], [build.activation("flat", (1, 12), **q)], squeeze_dims=(1, 2)
    )
    both = build.op("CONCATENATION", [flat, flat], [build.activation("both", (1, 24), **q)], axis=1)
    square = build.op(
        "RESHAPE", [both], [build.activation("square", (1, 4, 6), **q)], new_shape=(1, 4, 6)
    )
    axes = build.constant("axes", np.array([1], np.int32))
    mean = build.op(
        "MEAN", [square, axes], [build.activation("mean", (1, 6), **q)], keep_dims=False
    )
    weights = build.constant("w", np.arange(24, dtype=np.int8).reshape(4, 6), scale=0.5)
    dense = build.op(
        "FULLY_CONNECTED",
        [mean, weights, -1],
        [build.activation("dense", (1, 4), **q)],
        keep_num_dims=True,
    )
    soft = build.op("SOFTMAX", [dense], [build.activation("soft", (1, 4), **fixed)], beta=0.5)
    real = build.op("DEQUANTIZE", [soft], [build.activation("real", (1, 4), "float32")])
    more = build.op("ADD", [other, x], [build.activation("more", (1, 4, 4, 2), **q)])
    return build.finish([real, more])
