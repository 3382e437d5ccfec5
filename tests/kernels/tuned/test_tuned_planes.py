"""Layers chosen so that V's lanes of positions meet every way in which an image can be divided:
phases, rows with gaps, rows that are moved, planes of all taps, few and many lanes, several images.
Random layers do so too, but rarely."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from proofs import LEVEL

from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import check_layers
from pytest_mlbench.testing import draw as d

if TYPE_CHECKING:
    from pytest_mlbench.testing import LayerCase

pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")

LAYERS = [
    # Image, filter (height, width, channels; 0: depthwise), stride, dilation, padding
    ((1, 19, 21, 16), (3, 3, 16), (1, 1), (1, 1), "SAME"),
    ((1, 20, 20, 16), (3, 3, 17), (2, 2), (1, 1), "SAME"),
    ((1, 33, 18, 17), (3, 3, 14), (2, 1), (1, 1), "VALID"),
    ((1, 30, 31, 3), (3, 3, 16), (1, 1), (1, 1), "SAME"),
    ((1, 31, 9, 1), (10, 4, 21), (2, 2), (1, 1), "SAME"),
    ((2, 13, 11, 8), (1, 1, 23), (1, 1), (1, 1), "VALID"),
    ((2, 13, 15, 20), (3, 1, 8), (1, 2), (1, 1), "SAME"),
    ((1, 17, 16, 12), (2, 5, 9), (1, 1), (2, 1), "VALID"),
    ((1, 17, 16, 24), (3, 3, 8), (1, 1), (2, 3), "SAME"),
    ((1, 1, 300, 9), (1, 7, 5), (1, 1), (1, 1), "VALID"),
    ((1, 40, 2, 10), (5, 2, 8), (3, 1), (1, 1), "SAME"),
    ((1, 6, 5, 9), (3, 3, 21), (1, 1), (1, 1), "SAME"),
    ((1, 26, 25, 7), (3, 3, 0), (1, 1), (1, 1), "SAME"),
    ((1, 40, 29, 8), (3, 3, 0), (2, 2), (1, 1), "SAME"),
    ((2, 19, 19, 5), (5, 4, 0), (2, 1), (1, 1), "VALID"),
    ((1, 21, 18, 6), (3, 3, 0), (1, 1), (3, 2), "SAME"),
]


def case(number: int) -> LayerCase:
    image, (filter_h, filter_w, channels), stride, dilation, padding = LAYERS[number]
    generator = np.random.default_rng(number)
    out = [
        -(-side // step) if padding == "SAME" else -(-(side - (size - 1) * far) // step)
        for side, size, step, far in zip(
            image[1:3], (filter_h, filter_w), stride, dilation, strict=True
        )
    ]
    depthwise = channels == 0
    channels = channels or image[3]
    shape = (1, filter_h, filter_w, channels)
    if not depthwise:
        shape = (channels, filter_h, filter_w, image[3])
    build = GraphBuilder()
    zero_point = (-128, -1, 127, 5)[number % 4]
    x = build.input("x", image, scale=1.0, zero_point=zero_point)
    scales = [1 / 128 + i / 4096 for i in range(channels)]
    weights = generator.integers(-128, 128, shape, dtype=np.int8)
    w = build.constant("w", weights, scale=scales, axis=3 if depthwise else 0)
    bias = generator.integers(-3000, 3000, channels, dtype=np.int32)
    b = build.constant("b", bias, scale=scales)
    y = build.activation(
        "y",
        (image[0], *out, channels),
        scale=2.0 * np.sqrt(filter_h * filter_w * (1 if depthwise else image[3])),
        zero_point=(-128, 3, -100)[number % 3],
    )
    options = {"depth_multiplier": 1} if depthwise else {}
    build.op(
        "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D",
        [x, w, b],
        [y],
        padding=padding,
        stride_h=stride[0],
        stride_w=stride[1],
        dilation_h_factor=dilation[0],
        dilation_w_factor=dilation[1],
        fused_activation_function=("RELU", "NONE", "RELU6")[number % 3],
        **options,
    )
    return d.case(build, y, generator)


@cache
def layers() -> list[LayerCase]:
    return [case(number) for number in range(len(LAYERS))]


@pytest.mark.parametrize("vlen", [128, 256, 512, 1024])
@pytest.mark.parametrize(
    "runner", [pytest.param("spike", marks=pytest.mark.spike), pytest.param("host")]
)
def test_every_division_is_exact(vlen: int, runner: str) -> None:
    generated = check_layers(
        layers(),
        libraries=(TunedLibrary(),),
        features=("tuned", "vext"),
        isa=f"rv32gcv_zvl{vlen}b",
        runner=runner,
        optimize=LEVEL[runner],
    )
    kernels = Counter(str(row["kernel"]) for row in generated.operators)
    assert kernels["vector_planes_depthwise"] == 4
    assert kernels["vector_planes_m8"] + kernels["vector_planes_m4"] >= 9
    assert vlen < 1024 or kernels["vector_planes_m4"]
