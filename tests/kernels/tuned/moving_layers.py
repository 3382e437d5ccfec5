"""Seeded random layers that move, resize or pool values, of the sizes that networks have; and
depthwise convolutions whose images are too wide for the usual kernels."""

from __future__ import annotations

from math import prod, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from network_layers import pick, pool, sampled, softmax

from pytest_mlbench.models.tflite.builder import GraphBuilder

if TYPE_CHECKING:
    from numpy.random import Generator

    from pytest_mlbench.testing import LayerCase

DEPTHS = (3, 4, 8, 12, 16, 24, 32, 64)


def layers(count: int, seed: int) -> list[LayerCase]:
    """`count` layers of each kind in turn."""
    generator = np.random.default_rng([seed, 1])
    return [KINDS[number % len(KINDS)](generator) for number in range(count)]


def _image(generator: Generator) -> tuple[int, int, int]:
    height, width = (int(side) for side in generator.integers(6, 25, 2))
    return height, width, int(pick(generator, DEPTHS))


def _moved(
    generator: Generator,
    kind: str,
    size: tuple[int, ...],
    output: tuple[int, ...],
    *constants: Any,
    **options: Any,
) -> LayerCase:
    build = GraphBuilder()
    inputs = [build.input("x", size, scale=0.05, zero_point=3)]
    for place, values in enumerate(constants):
        inputs.append(build.constant(f"c{place}", np.array(values, np.int32)))
    y = build.activation("y", output, scale=0.05, zero_point=3)
    build.op(kind, inputs, [y], **options)
    return sampled(build, [y], generator)


def pad(generator: Generator) -> LayerCase:
    """PAD of rows and columns; sometimes of channels."""
    size = (1, *_image(generator))
    most = (1, 4, 4, pick(generator, (1, 1, 5)))
    amounts = [[int(n) for n in generator.integers(0, one, 2)] for one in most]
    output = tuple(one + sum(pair) for one, pair in zip(size, amounts, strict=True))
    return _moved(generator, "PAD", size, output, amounts)


def concatenation(generator: Generator) -> LayerCase:
    """CONCATENATION of two to four images along the channels, or another axis."""
    size, axis = (1, *_image(generator)), int(pick(generator, (3, 3, 3, 1, 2)))
    build, inputs, total = GraphBuilder(), [], 0
    for number in range(int(generator.integers(2, 5))):
        extent = int(pick(generator, DEPTHS))
        shape = (*size[:axis], extent, *size[axis + 1 :])
        inputs.append(build.input(f"x{number}", shape, scale=0.05, zero_point=3))
        total += extent
    y = build.activation("y", (*size[:axis], total, *size[axis + 1 :]), scale=0.05, zero_point=3)
    build.op("CONCATENATION", inputs, [y], axis=axis)
    return sampled(build, [y], generator)


def split(generator: Generator) -> LayerCase:
    """SPLIT of the channels, or of another axis."""
    size, axis = [1, *_image(generator)], int(pick(generator, (3, 3, 1, 2)))
    parts = int(pick(generator, (2, 2, 3, 4)))
    size[axis] *= parts
    output = (*size[:axis], size[axis] // parts, *size[axis + 1 :])
    build = GraphBuilder()
    at = build.constant("axis", np.array(axis, np.int32))
    x = build.input("x", tuple(size), scale=0.05, zero_point=3)
    made = [
        build.activation(f"y{number}", output, scale=0.05, zero_point=3) for number in range(parts)
    ]
    build.op("SPLIT", [at, x], made, num_splits=parts)
    return sampled(build, made, generator)


def strided_slice(generator: Generator) -> LayerCase:
    """STRIDED_SLICE with steps of 1 and 2."""
    size = (1, *_image(generator))
    steps = [1, *(int(pick(generator, (1, 1, 1, 2))) for _ in size[1:])]
    begin = [0, *(int(generator.integers(0, 3)) for _ in size[1:])]
    output = tuple(len(range(b, n, s)) for b, n, s in zip(begin, size, steps, strict=True))
    return _moved(generator, "STRIDED_SLICE", size, output, begin, size, steps)


def transpose(generator: Generator) -> LayerCase:
    """TRANSPOSE by any permutation."""
    size = (1, *_image(generator))
    order = [int(place) for place in generator.permutation(4)]
    return _moved(generator, "TRANSPOSE", size, tuple(size[place] for place in order), order)


def resize_nearest(generator: Generator) -> LayerCase:
    """RESIZE_NEAREST_NEIGHBOR, mostly to twice the size."""
    return _resized(generator, "RESIZE_NEAREST_NEIGHBOR")


def resize_bilinear(generator: Generator) -> LayerCase:
    """RESIZE_BILINEAR, mostly to twice the size."""
    return _resized(generator, "RESIZE_BILINEAR")


def _resized(generator: Generator, kind: str) -> LayerCase:
    height, width, depth = _image(generator)
    factor = pick(generator, ((2, 2), (2, 2), (2, 1), (3, 3)))
    sides = [height // 2 * factor[0], width // 2 * factor[1]]
    size = (1, height // 2, width // 2, depth)
    return _moved(generator, kind, size, (1, *sides, depth), sides)


def transpose_conv(generator: Generator) -> LayerCase:
    """TRANSPOSE_CONV that doubles an image, with and without overlapping windows."""
    height, width = (int(side) for side in generator.integers(3, 10, 2))
    depth, channels = int(pick(generator, (4, 8, 16, 24))), int(pick(generator, (2, 4, 8, 16)))
    window, stride = pick(generator, (((2, 2), 2), ((3, 3), 2), ((4, 4), 2), ((3, 3), 1)))
    build, shape = GraphBuilder(), (1, height * stride, width * stride, channels)
    scales = [1 / 128 + i / 65536 for i in range(channels)]
    wanted = build.constant("shape", np.array(shape, np.int32))
    weights = generator.integers(-127, 128, (channels, *window, depth), dtype=np.int8)
    w = build.constant("w", weights, scale=scales)
    x = build.input("x", (1, height, width, depth), scale=1.0, zero_point=-1)
    y = build.activation("y", shape, scale=0.6 * sqrt(prod(window) * depth), zero_point=2)
    build.op(
        "TRANSPOSE_CONV", [wanted, w, x], [y], padding="SAME", stride_h=stride, stride_w=stride
    )
    return sampled(build, [y], generator)


def short_softmax(generator: Generator) -> LayerCase:
    """SOFTMAX of a few classes, or of pairs."""
    rows, depth = pick(generator, ((5, 12), (6, 10), (2, 30), (1, 62), (400, 2), (1600, 2)))
    return softmax(generator, (rows, depth))


def far_depthwise(generator: Generator) -> LayerCase:
    """DEPTHWISE_CONV_2D of very wide rows, or dilated so far that few taps lie in the image."""
    depth, multiplier = pick(generator, ((2, 1), (2, 2), (3, 1)))
    wide = bool(generator.integers(2))
    size = (1, int(generator.integers(33_000, 34_000))) if wide else (9, 11)
    window = (1, int(generator.integers(2, 6))) if wide else (3, 3)
    dilation = 1 if wide else int(generator.integers(6000, 7000))
    channels, stride = depth * multiplier, 8 if wide else 1
    build, scales = GraphBuilder(), [1 / 128 + i / 65536 for i in range(channels)]
    x = build.input("x", (1, *size, depth), scale=1.0, zero_point=-1)
    weights = generator.integers(-127, 128, (1, *window, channels), dtype=np.int8)
    w = build.constant("w", weights, scale=scales, axis=3)
    bias = generator.integers(-2000, 2000, channels).astype(np.int32)
    b = build.constant("b", bias, scale=scales)
    shape = (1, size[0], -(-size[1] // stride), channels)
    y = build.activation("y", shape, scale=1.2 * sqrt(window[1]), zero_point=2)
    build.op(
        "DEPTHWISE_CONV_2D",
        [x, w, b],
        [y],
        padding="SAME",
        stride_h=1,
        stride_w=stride,
        dilation_h_factor=1 if wide else dilation,
        dilation_w_factor=dilation,
        depth_multiplier=multiplier,
    )
    return sampled(build, [y], generator)


KINDS = (
    pad,
    concatenation,
    pool,
    split,
    strided_slice,
    transpose,
    pool,
    resize_nearest,
    resize_bilinear,
    transpose_conv,
    short_softmax,
    pool,
    far_depthwise,
)
