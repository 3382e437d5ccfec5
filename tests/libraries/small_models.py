"""Models of one layer, for tests of the libraries."""

from __future__ import annotations

import numpy as np

from pytest_mlbench.models.tflite.builder import GraphBuilder


def depthwise(channels: int, output_scale: float = 4.0) -> bytes:
    """One DEPTHWISE_CONV_2D, 3x3 with padding, on 5x5 pixels."""
    generator = np.random.default_rng(channels)
    build = GraphBuilder("depthwise")
    x = build.input("x", (1, 5, 5, channels), scale=0.5, zero_point=3)
    taps = generator.integers(-127, 128, (1, 3, 3, channels), dtype=np.int8)
    weights = build.constant("w", taps, scale=[0.01] * channels, axis=3)
    y = build.activation("y", (1, 5, 5, channels), scale=output_scale, zero_point=-5)
    zeros = np.zeros(channels, np.int32)
    bias = build.constant("b", zeros, scale=[0.005] * channels)
    given = {"stride_w": 1, "stride_h": 1, "depth_multiplier": 1, "padding": "SAME"}
    dilation = {"dilation_w_factor": 1, "dilation_h_factor": 1}
    build.op("DEPTHWISE_CONV_2D", [x, weights, bias], [y], **given, **dilation)
    return build.model([y])
