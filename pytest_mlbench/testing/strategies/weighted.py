"""Parts of layers with weights, a bias or a sliding window."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from pytest_mlbench.testing import draw as d

if TYPE_CHECKING:
    from pytest_mlbench.models.tflite.builder import GraphBuilder
    from pytest_mlbench.testing.model import LayerCase


def output_size(size: int, window: int, stride: int, dilation: int, padding: str) -> int:
    if padding == "SAME":
        return math.ceil(size / stride)
    return math.ceil((size - (window - 1) * dilation) / stride)


def draw_plane(draw: d.Draw, *, dilated: bool = True) -> dict[str, Any]:
    """Image, window, stride, dilation, padding, and the output's size."""
    height, width = d.small(draw, 9), d.small(draw, 9)
    window = d.small(draw, 5), d.small(draw, 5)
    stride = d.small(draw, 3), d.small(draw, 3)
    dilation = (d.small(draw, 3), d.small(draw, 3)) if dilated and draw(st.booleans()) else (1, 1)
    padding = draw(st.sampled_from(["SAME", "VALID"]))
    rows = output_size(height, window[0], stride[0], dilation[0], padding)
    columns = output_size(width, window[1], stride[1], dilation[1], padding)
    assume(rows > 0 and columns > 0)
    options = {"padding": padding, "stride_h": stride[0], "stride_w": stride[1]}
    if dilated:
        options |= {"dilation_h_factor": dilation[0], "dilation_w_factor": dilation[1]}
    return {"size": (height, width), "window": window, "out": (rows, columns), "options": options}


def weight_scales(draw: d.Draw, channels: int, input_scale: float) -> tuple[list[float], float]:
    """Weight scales (one, or one per channel) and an output scale, from drawn multipliers."""
    count = channels if draw(st.booleans()) else 1
    # Draw one by one: a caller's `draw` may replace FACTORS by others.
    factors = [draw(d.FACTORS) for _ in range(count)]
    output = draw(d.SCALES)
    return [max(1e-30, factor * output / input_scale) for factor in factors], output


def weighted(
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
    scales, output_scale = weight_scales(draw, channels, scale)
    x = build.input("x", image, scale=scale, zero_point=draw(d.ZERO_POINTS))
    w = build.constant("w", d.weights(generator, weights, draw), scale=scales, axis=axis)
    bias = -1
    if draw(st.integers(0, 3)):
        reach = draw(st.sampled_from([100, 20_000, 1 << 20]))
        values = generator.integers(-reach, reach, channels, dtype=np.int32)
        bias = build.constant("b", values, scale=[scale * one for one in scales])
    y = build.activation("y", output, scale=output_scale, zero_point=draw(d.ZERO_POINTS))
    # The interpreter crashes if DEPTHWISE_CONV_2D's third input is absent; two inputs are fine.
    short = bias < 0 and (kind == "DEPTHWISE_CONV_2D" or draw(st.booleans()))
    inputs = [x, w] if short else [x, w, bias]
    build.op(kind, inputs, [y], fused_activation_function=draw(d.ACTIVATIONS), **options)
    return d.case(build, y, generator)
