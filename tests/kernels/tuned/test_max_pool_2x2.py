"""Maxima over windows of 2x2 inside the image, against TensorFlow Lite Micro."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from proofs import LEVEL

from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import LayerCase, check_layers

pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")

STRIDES = [(2, 2), (1, 1), (3, 2), (2, 1), (1, 3)]


def pool(
    width: int, channels: int, stride: tuple[int, int], batches: int, rows: int = 3
) -> LayerCase:
    """`width` outputs in each of `rows` rows; the image may be larger than its windows need."""
    build = GraphBuilder()
    size = [(count - 1) * step + 2 for count, step in zip((rows, width), stride, strict=True)]
    size[0] += (stride[0] > 1) * (channels % 3 % stride[0])
    size[1] += (stride[1] > 1) * (width % stride[1])
    x = build.input("x", (batches, *size, channels), scale=1.0, zero_point=-128)
    y = build.activation("y", (batches, rows, width, channels), scale=1.0, zero_point=-128)
    options = {"stride_h": stride[0], "stride_w": stride[1], "filter_height": 2, "filter_width": 2}
    build.op("MAX_POOL_2D", [x], [y], padding="VALID", **options)
    generator = np.random.default_rng([width, channels])
    sample = generator.integers(-128, 128, (batches, *size, channels), dtype=np.int8)
    note = f"{width} x {channels}, stride {stride}, {batches} images"
    return LayerCase(build.finish([y]), ((sample,),), note=note)


SHAPES = [
    (width, channels)
    for width in (1, 2, 3, 5, 8, 15, 16, 17, 40, 128)
    for channels in (8, 16, 24, 32, 64, 72, 128)
    if width * channels <= 2048
]

RUNNERS = pytest.mark.parametrize(
    "runner", ["host", pytest.param("spike", marks=pytest.mark.spike)]
)


@cache
def layers() -> list[LayerCase]:
    """One for each of SHAPES."""
    return [
        pool(width, channels, STRIDES[number % len(STRIDES)], 1 + (width + channels) % 2)
        for number, (width, channels) in enumerate(SHAPES)
    ]


@cache
def rows_of_blocks() -> list[LayerCase]:
    """Windows two columns apart: one, two, three, four, eight and more blocks in a row."""
    shapes = [
        (width, channels)
        for channels in (1, 3, 8, 16, 20, 24, 64, 96, 128)
        for width in (1, 2, 3, 4, 7, 8, 16, 24, 32)
        if width * channels <= 2048
    ]
    return [
        pool(width, channels, ((2, 3, 1)[number % 3], 2), 1 + number // 4 % 3, 1 + number % 4)
        for number, (width, channels) in enumerate(shapes)
    ]


def kernels(
    features: tuple[str, ...], isa: str, runner: str, cases: list[LayerCase] | None = None
) -> list[str]:
    """The kernels that ran, one for each of SHAPES or of `cases`."""
    generated = check_layers(
        cases or layers(),
        libraries=(TunedLibrary(),),
        features=features,
        isa=isa,
        runner=runner,
        optimize=LEVEL[runner],
    )
    return [str(row["kernel"]) for row in generated.operators]


@RUNNERS
@pytest.mark.parametrize("vlen", [128, 256, 1024])
def test_a_row_in_one_vector_equals_tflm(vlen: int, runner: str) -> None:
    found = kernels(("tuned", "vext"), f"rv32gcv_zvl{vlen}b", runner)
    for (width, channels), kernel in zip(SHAPES, found, strict=True):
        if "blocks" in kernel:
            continue
        whole = [n for n in (64, 32, 16, 8) if channels % n == 0 and n * width <= vlen]
        assert kernel == "vector_max_pool2d_2x2_" + (f"row_{whole[0]}" if whole else "8")
    assert len({kernel for kernel in found if "row" in kernel}) == 4


@RUNNERS
@pytest.mark.parametrize("isa", ["rv32gcv_zvl128b", "rv64gcv_zvl128b"])
def test_blocks_of_windows_equal_tflm(isa: str, runner: str) -> None:
    found = kernels(("tuned", "vext"), isa, runner, rows_of_blocks())
    chosen = {kernel.partition("blocks_")[2] for kernel in found if "blocks" in kernel}
    assert chosen == {"1", "2", "4"}


@RUNNERS
@pytest.mark.parametrize("isa", ["rv32gc", "rv32gc_zbb"])
def test_eight_channels_in_registers_equal_tflm(isa: str, runner: str) -> None:
    assert set(kernels(("tuned",), isa, runner)) == {"max_pool2d"}
