"""Models of one layer each, shaped like those of MLPerf Tiny: what one kernel costs."""

from __future__ import annotations

from functools import partial
from math import sqrt

import numpy as np

from pytest_mlbench.models.model import Model
from pytest_mlbench.models.tflite.builder import GraphBuilder

# Name: image, filter (height, width, output channels), stride. Depthwise layers are named so.
CONVOLUTIONS = {
    "pointwise_64": ((25, 5, 64), (1, 1, 64), 1),
    "conv_3x3_16": ((32, 32, 16), (3, 3, 16), 1),
    "conv_3x3_32": ((16, 16, 32), (3, 3, 32), 1),
    "conv_3x3_64": ((8, 8, 64), (3, 3, 64), 1),
    "conv_10x4": ((49, 10, 1), (10, 4, 64), 2),
    "depthwise_3x3": ((25, 5, 64), (3, 3, 64), 1),
    "depthwise_3x3_wide": ((48, 48, 8), (3, 3, 8), 1),
    "depthwise_10x8": ((49, 40, 1), (10, 8, 8), 2),
}


def convolution(name: str) -> bytes:
    """The layer of that name, with seeded weights and outputs that spread over int8."""
    (h, w, c), (filter_h, filter_w, channels), stride = CONVOLUTIONS[name]
    generator = np.random.default_rng(1)
    depthwise = name.startswith("depthwise")
    taps = filter_h * filter_w * (1 if depthwise else c)
    shape = (1, filter_h, filter_w, channels) if depthwise else (channels, filter_h, filter_w, c)
    build = GraphBuilder(name)
    x = build.input("x", (1, h, w, c), scale=1.0, zero_point=-128)
    weights = generator.integers(-127, 128, shape, dtype=np.int8)
    scale = [1 / 128 + i / 65536 for i in range(channels)]
    w_index = build.constant("w", weights, scale=scale, axis=3 if depthwise else 0)
    bias = build.constant("b", np.zeros(channels, np.int32), scale=scale)
    out = (1, -(-h // stride), -(-w // stride), channels)
    y = build.activation("y", out, scale=sqrt(taps), zero_point=-128)
    options = {"depth_multiplier": channels // c} if depthwise else {}
    build.op(
        "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D",
        [x, w_index, bias],
        [y],
        padding="SAME",
        stride_h=stride,
        stride_w=stride,
        fused_activation_function="RELU",
        **options,
    )
    return build.model([y])


def rows() -> bytes:
    """A fully connected layer of one row."""
    generator = np.random.default_rng(1)
    build = GraphBuilder("fully_connected")
    x = build.input("x", (1, 640), scale=1.0, zero_point=-128)
    w = build.constant("w", generator.integers(-127, 128, (128, 640), dtype=np.int8), scale=1 / 128)
    bias = build.constant("b", np.zeros(128, np.int32), scale=1 / 128)
    y = build.activation("y", (1, 128), scale=25.0, zero_point=-128)
    build.op("FULLY_CONNECTED", [x, w, bias], [y], fused_activation_function="RELU")
    return build.model([y])


def pool(channels: int) -> bytes:
    """MAX_POOL_2D, 2x2 and stride 2, as it follows a convolution."""
    build = GraphBuilder("max_pool")
    quantisation = {"scale": 1.0, "zero_point": -128}
    x = build.input("x", (1, 32, 32, channels), **quantisation)
    y = build.activation("y", (1, 16, 16, channels), **quantisation)
    options = {"stride_h": 2, "stride_w": 2, "filter_height": 2, "filter_width": 2}
    build.op("MAX_POOL_2D", [x], [y], padding="VALID", **options)
    return build.model([y])


POOLS = [Model(f"kernel_max_pool_{c}", build=partial(pool, c)) for c in (16, 32, 64)]
"""Their outputs stand for MACs, of which a pool has none."""

MODELS = [
    *(Model(f"kernel_{name}", build=partial(convolution, name)) for name in CONVOLUTIONS),
    Model("kernel_fully_connected", build=rows),
]
