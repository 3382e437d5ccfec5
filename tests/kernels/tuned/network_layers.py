"""Seeded random layers of the sizes that networks have, for counts of instructions: outputs spread
over the int8 range, and a few percent of them reach its ends."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import LayerCase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.random import Generator

MOST_MACS = 1_500_000
FILTERS = ((1, 1), (1, 1), (3, 3), (3, 3), (3, 3), (5, 5), (1, 3), (4, 1), (10, 4), (2, 2))
STRIDES = ((1, 1), (1, 1), (2, 2), (2, 1))
DEPTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
CHANNELS = (4, 6, 8, 10, 16, 24, 32, 40, 64)
DEPTHWISE = ((3, 3), (3, 3), (3, 3), (5, 5), (1, 3), (9, 1), (4, 4))


def layers(count: int, seed: int) -> list[LayerCase]:
    """`count` layers: half of them convolutions, a quarter depthwise, the rest of other kinds."""
    generator = np.random.default_rng(seed)
    return [_layer(generator, number) for number in range(count)]


def _layer(generator: Generator, number: int) -> LayerCase:
    if number % 2 == 0:
        return convolution(generator)
    if number % 4 == 1:
        return depthwise(generator)
    others = (rows, arithmetic, pool, rows, mean, softmax, activation, pool, quantize)
    return others[number // 4 % len(others)](generator)


def pick(generator: Generator, values: Sequence[Any]) -> Any:
    """One of `values`."""
    return values[int(generator.integers(len(values)))]


def convolution(generator: Generator) -> LayerCase:
    """CONV_2D; sometimes over a spectrogram, as keyword spotting begins, or with dilation."""
    if generator.integers(8) == 0:
        window, depth = pick(generator, ((10, 4), (3, 4), (5, 8), (10, 8))), 1
        return _convolution(generator, window, depth, int(generator.integers(1, 17)))
    window = pick(generator, FILTERS)
    dilation = 2 if window == (3, 3) and generator.integers(6) == 0 else 1
    depth, channels = pick(generator, DEPTHS), pick(generator, CHANNELS)
    return _convolution(generator, window, depth, channels, dilation=dilation)


def three_by_three(generator: Generator) -> LayerCase:
    """CONV_2D 3x3 with stride 1 and enough channels for Winograd's algorithm."""
    depth, channels = pick(generator, (8, 12, 16, 24, 32)), pick(generator, CHANNELS[4:])
    return _convolution(generator, (3, 3), depth, channels, stride=(1, 1))


def depthwise(generator: Generator) -> LayerCase:
    """DEPTHWISE_CONV_2D, mostly 3x3 with multiplier 1."""
    window, depth = pick(generator, DEPTHWISE), pick(generator, DEPTHS[2:])
    multiplier = 1 if window == (3, 3) else pick(generator, (1, 1, 2, 4))
    stride = pick(generator, ((1, 1), (2, 2))) if window == (3, 3) else None
    return _convolution(generator, window, depth, depth * multiplier, kind=True, stride=stride)


def _convolution(
    generator: Generator,
    window: tuple[int, int],
    depth: int,
    channels: int,
    *,
    kind: bool = False,
    dilation: int = 1,
    stride: tuple[int, int] | None = None,
) -> LayerCase:
    stride = stride or pick(generator, STRIDES)
    padding = pick(generator, ("SAME", "VALID"))
    size = [int(generator.integers(max(side, 3), 24)) for side in window]
    size = [max(a, (b - 1) * dilation + 1) for a, b in zip(size, window, strict=True)]
    taps = window[0] * window[1] * (1 if kind else depth)
    while size[0] * size[1] * taps * channels > MOST_MACS * stride[0] * stride[1]:
        size, padding = [max(1, side // 2) for side in size], "SAME"
    reach = [(side - 1) * dilation for side in window]
    outputs = [
        -(-a // s) if padding == "SAME" else (a - r - 1) // s + 1
        for a, s, r in zip(size, stride, reach, strict=True)
    ]
    relu = bool(generator.integers(3))
    build, scales = GraphBuilder(), [1 / 128 + i / 65536 for i in range(channels)]
    x = build.input("x", (1, *size, depth), scale=1.0, zero_point=pick(generator, (-128, -1, 5)))
    shape = (1, *window, channels) if kind else (channels, *window, depth)
    weights = generator.integers(-127, 128, shape, dtype=np.int8)
    w = build.constant("w", weights, scale=scales, axis=3 if kind else 0)
    bias = generator.integers(-2000, 2000, channels).astype(np.int32)
    b = build.constant("b", bias, scale=scales)
    zero = -128 if relu else int(generator.integers(-20, 20))
    y = build.activation("y", (1, *outputs, channels), scale=1.2 * sqrt(taps), zero_point=zero)
    build.op(
        "DEPTHWISE_CONV_2D" if kind else "CONV_2D",
        [x, w, b],
        [y],
        padding=padding,
        stride_h=stride[0],
        stride_w=stride[1],
        dilation_h_factor=dilation,
        dilation_w_factor=dilation,
        fused_activation_function="RELU" if relu else "NONE",
        **({"depth_multiplier": channels // depth} if kind else {}),
    )
    return sampled(build, [y], generator)


def rows(generator: Generator) -> LayerCase:
    """FULLY_CONNECTED of one row or a few."""
    count, k = pick(generator, (1, 1, 1, 4, 9)), int(generator.integers(8, 400))
    outputs, relu = int(generator.integers(4, 130)), bool(generator.integers(2))
    build = GraphBuilder()
    x = build.input("x", (count, k), scale=1.0, zero_point=-128)
    weights = generator.integers(-127, 128, (outputs, k), dtype=np.int8)
    bias = generator.integers(-2000, 2000, outputs).astype(np.int32)
    inputs = [
        x,
        build.constant("w", weights, scale=1 / 128),
        build.constant("b", bias, scale=1 / 128),
    ]
    zero = -128 if relu else 3
    y = build.activation("y", (count, outputs), scale=1.2 * sqrt(k), zero_point=zero)
    build.op("FULLY_CONNECTED", inputs, [y], fused_activation_function="RELU" if relu else "NONE")
    return sampled(build, [y], generator)


def arithmetic(generator: Generator) -> LayerCase:
    """ADD, SUB or MUL with an activation or a constant, per channel or of the same shape."""
    height, width = (int(side) for side in generator.integers(6, 18, 2))
    shape = (1, height, width, pick(generator, (4, 8, 16, 32)))
    kind = pick(generator, ("ADD", "SUB", "MUL"))
    build = GraphBuilder()
    x = build.input("x", shape, scale=0.05, zero_point=-3)
    if generator.integers(2):
        other = build.input("z", shape, scale=0.031, zero_point=4)
    else:
        values = generator.integers(-127, 128, (1, 1, 1, shape[3]), dtype=np.int8)
        other = build.constant("z", values, scale=0.031)
    y = build.activation("y", shape, scale=0.1 if kind == "MUL" else 0.07, zero_point=1)
    build.op(kind, [x, other], [y])
    return sampled(build, [y], generator)


def sums(generator: Generator) -> LayerCase:
    """ADD of two activations, with any scales and bounds."""
    shape = (1, int(generator.integers(6, 18)), 8, pick(generator, (4, 8, 16)))
    scales = [float(2.0 ** generator.uniform(-6, -3)) for _ in range(3)]
    build = GraphBuilder()
    x, z = (
        build.input(name, shape, scale=scale, zero_point=int(generator.integers(-50, 50)))
        for name, scale in zip("xz", scales, strict=False)
    )
    y = build.activation("y", shape, scale=scales[2], zero_point=int(generator.integers(-128, 50)))
    build.op("ADD", [x, z], [y], fused_activation_function=pick(generator, ("NONE", "RELU")))
    return sampled(build, [y], generator)


def normalisation(generator: Generator) -> LayerCase:
    """MUL and ADD with constants per channel: a batch normalisation."""
    shape, relu = (1, 9, 7, pick(generator, (3, 8, 16))), pick(generator, ("NONE", "RELU"))
    build = GraphBuilder()
    last = build.input("x", shape, scale=0.05, zero_point=-3)
    for kind, own, scale in (("MUL", 0.031, 0.08), ("ADD", 0.04, 0.11)):
        values = generator.integers(-127, 128, shape[3], dtype=np.int8)
        constant = build.constant(kind, values, scale=own)
        result = build.activation(f"y{kind}", shape, scale=scale, zero_point=1)
        build.op(kind, [last, constant], [result], fused_activation_function=relu)
        last = result
    return sampled(build, [last], generator)


def pool(generator: Generator, *, relu: bool = False) -> LayerCase:
    """MAX_POOL_2D or AVERAGE_POOL_2D, mostly of 2x2; with `relu`, their outputs are bounded."""
    window = pick(generator, ((2, 2), (2, 2), (3, 3), (4, 4), (2, 1)))
    stride = window if generator.integers(3) else (1, 1)
    size = [int(side) for side in generator.integers(12, 30, 2)]
    channels, padding = pick(generator, CHANNELS), pick(generator, ("SAME", "VALID"))
    kind = pick(generator, ("MAX_POOL_2D", "AVERAGE_POOL_2D"))
    return _pool(generator, kind, (*size, channels), window, stride, padding, relu=relu)


def squares(generator: Generator, width: int, channels: int) -> LayerCase:
    """MAX_POOL_2D of 2x2 inside the image, with `width` outputs in a row."""
    size = (8, 2 * width, channels)
    return _pool(generator, "MAX_POOL_2D", size, (2, 2), (2, 2), "VALID", relu=False)


def _pool(
    generator: Generator,
    kind: str,
    size: tuple[int, ...],
    window: tuple[int, int],
    stride: tuple[int, int],
    padding: str,
    *,
    relu: bool,
) -> LayerCase:
    outputs = [
        -(-a // s) if padding == "SAME" else (a - w) // s + 1
        for a, s, w in zip(size[:2], stride, window, strict=True)
    ]
    build, zero = GraphBuilder(), -20 if relu else -128
    x = build.input("x", (1, *size), scale=1.0, zero_point=zero)
    y = build.activation("y", (1, *outputs, size[2]), scale=1.0, zero_point=zero)
    build.op(
        kind,
        [x],
        [y],
        padding=padding,
        stride_h=stride[0],
        stride_w=stride[1],
        filter_height=window[0],
        filter_width=window[1],
        fused_activation_function="RELU" if relu else "NONE",
    )
    return sampled(build, [y], generator)


def mean(generator: Generator) -> LayerCase:
    """MEAN over an image."""
    height, width = (int(side) for side in generator.integers(4, 14, 2))
    channels = pick(generator, (16, 32, 64, 128))
    build = GraphBuilder()
    x = build.input("x", (1, height, width, channels), scale=0.05, zero_point=-3)
    axes = build.constant("axes", np.array([1, 2], np.int32))
    y = build.activation("y", (1, channels), scale=0.05, zero_point=-3)
    build.op("MEAN", [x, axes], [y], keep_dims=False)
    return sampled(build, [y], generator)


def softmax(generator: Generator, shape: tuple[int, int] | None = None) -> LayerCase:
    """SOFTMAX of as many classes as networks have, or of [rows, values]."""
    shape = shape or (pick(generator, (1, 1, 5, 20)), int(generator.integers(2, 100)))
    build = GraphBuilder()
    x = build.input("x", shape, scale=pick(generator, (0.05, 0.1, 0.2)), zero_point=0)
    y = build.activation("y", shape, scale=1 / 256, zero_point=-128)
    build.op("SOFTMAX", [x], [y], beta=1.0)
    return sampled(build, [y], generator)


def activation(generator: Generator) -> LayerCase:
    """LOGISTIC or HARD_SWISH: a table."""
    kind, scale, zero = pick(generator, (("LOGISTIC", 1 / 256, -128), ("HARD_SWISH", 0.04, 2)))
    shape = (1, *(int(side) for side in generator.integers(6, 20, 3)))
    build = GraphBuilder()
    x = build.input("x", shape, scale=0.05, zero_point=3)
    y = build.activation("y", shape, scale=scale, zero_point=zero)
    build.op(kind, [x], [y])
    return sampled(build, [y], generator)


def quantize(generator: Generator) -> LayerCase:
    """QUANTIZE of float32."""
    shape = (1, *(int(side) for side in generator.integers(6, 16, 3)))
    build = GraphBuilder()
    x = build.input("x", shape, dtype="float32")
    y = build.activation("y", shape, scale=0.02, zero_point=3)
    build.op("QUANTIZE", [x], [y])
    return sampled(build, [y], generator)


def sampled(build: GraphBuilder, outputs: Sequence[int], generator: Generator) -> LayerCase:
    """The model's last operator with a random sample."""
    graph = build.finish(outputs)
    tensors = [graph.tensors[index] for index in graph.inputs]
    sample = tuple(
        generator.normal(0, 1, tensor.shape).astype(np.float32)
        if tensor.dtype == "float32"
        else generator.integers(-128, 128, tensor.shape, dtype=np.int8)
        for tensor in tensors
    )
    operator = graph.operators[-1]
    shapes = [graph.tensors[index].shape for index in operator.inputs if index >= 0]
    return LayerCase(graph, (sample,), note=f"{operator.kind} {shapes} {dict(operator.options)}")
