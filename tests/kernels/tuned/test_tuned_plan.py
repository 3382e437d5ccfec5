"""How convolutions are divided for V's kernels: what is decided in Python, without tools."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from test_tuned_library import conv

from pytest_mlbench.kernels.interface import KernelCall, LowerContext
from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.kernels.tuned.vext.blocking import blocked, planes_cost
from pytest_mlbench.kernels.tuned.vext.channels import channels_cost
from pytest_mlbench.kernels.tuned.vext.cost import (
    LARGE,
    depthwise_lanes,
    groups,
    input_lanes,
    large_group,
)
from pytest_mlbench.kernels.tuned.vext.layout import Taps
from pytest_mlbench.models.operators.layers import DepthwiseConv2D

if TYPE_CHECKING:
    from pytest_mlbench.kernels.tuned.vext.layout import Blocking
    from pytest_mlbench.models.operators.layers import Conv2D


def layer(
    size: tuple[int, int, int],
    filter_: tuple[int, int, int],
    *,
    stride: int = 1,
    padding: tuple[int, int] | None = None,
    images: int = 1,
) -> Conv2D:
    """SAME padding unless it is told; `size` (height, width, channels), `filter_` the same."""
    (h, w, c), (filter_h, filter_w, channels) = size, filter_
    outputs = [-(-side // stride) for side in (h, w)]
    if padding is None:
        padding = tuple(
            max((out - 1) * stride + window - side, 0) // 2
            for out, window, side in zip(outputs, filter_[:2], (h, w), strict=True)
        )
    else:
        outputs = [
            (side - window) // stride + 1 for side, window in zip(size, filter_, strict=False)
        ]
        outputs = outputs[:2]
    return replace(
        conv(channels),
        input_shape=(images, h, w, c),
        output_shape=(images, *outputs, channels),
        weights=np.ones((channels, filter_h, filter_w, c), np.int8),
        stride=(stride, stride),
        padding=padding,
        shifts=np.full(channels, -10, np.int32),
    )


def depthwise(size: tuple[int, int, int], *, stride: int = 1, images: int = 1) -> DepthwiseConv2D:
    """3x3, depth multiplier 1, SAME padding."""
    one = layer(size, (3, 3, size[2]), stride=stride, images=images)
    fields = {name: getattr(one, name) for name in one.__dataclass_fields__}
    fields |= {"weights": np.ones((1, 3, 3, size[2]), np.int8), "kind": "DEPTHWISE_CONV_2D"}
    return DepthwiseConv2D(**fields, depth_multiplier=1)


MEASURED = [
    # Layer, VLEN, instructions on Spike with lanes of channels and of positions; None: not run
    (layer((32, 32, 3), (3, 3, 16)), 128, None, 67_592),
    (layer((32, 32, 3), (3, 3, 16)), 512, None, 16_953),
    (layer((32, 32, 16), (3, 3, 16)), 512, None, 61_999),
    (layer((32, 32, 16), (3, 3, 16)), 1024, None, 31_043),
    (layer((32, 32, 16), (3, 3, 32), stride=2), 128, 100_535, None),
    (layer((32, 32, 16), (3, 3, 32), stride=2), 512, 85_728, 30_694),
    (layer((16, 16, 32), (3, 3, 32)), 256, 168_157, 110_782),
    (layer((16, 16, 32), (3, 3, 32)), 512, 165_489, 55_434),
    (layer((32, 32, 16), (1, 1, 32), stride=2), 512, 14_368, 4_990),
    (layer((8, 8, 64), (3, 3, 64)), 128, 189_209, None),
    (layer((8, 8, 64), (3, 3, 64)), 512, 84_083, None),
    (layer((8, 8, 64), (3, 3, 64)), 1024, 82_469, None),
    (layer((49, 10, 1), (10, 4, 64), stride=2), 256, 21_622, None),
    (layer((49, 10, 1), (10, 4, 64), stride=2), 512, 19_638, 9_767),
    (layer((25, 5, 64), (1, 1, 64)), 256, 22_946, None),
    (layer((25, 5, 64), (1, 1, 64)), 512, None, 13_384),
    (layer((25, 5, 64), (1, 1, 64)), 1024, None, 11_634),
]


@pytest.mark.parametrize(("one", "vlen", "channels", "positions"), MEASURED)
def test_estimates_are_near_what_was_measured(
    one: Conv2D, vlen: int, channels: int | None, positions: int | None
) -> None:
    if channels is not None:
        assert channels_cost(one, vlen) == pytest.approx(channels, rel=0.05)
    if positions is not None:
        assert planes_cost(one, vlen) == pytest.approx(positions, rel=0.05)


@pytest.mark.parametrize(
    ("size", "stride", "vlen", "channels", "positions"),
    [
        ((25, 5, 64), 1, 128, 17_878, None),
        ((25, 5, 64), 1, 512, 8_674, 5_909),
        ((48, 48, 8), 1, 128, 152_306, 73_609),
        ((48, 48, 8), 1, 512, 150_665, 17_697),
        ((48, 48, 16), 2, 512, 39_101, 11_561),
        ((12, 12, 64), 1, 256, 10_141, None),
        ((12, 12, 64), 1, 1024, None, 5_484),
    ],
)
def test_estimates_of_depthwise_layers(
    size: tuple[int, int, int], stride: int, vlen: int, channels: int | None, positions: int | None
) -> None:
    one = depthwise(size, stride=stride)
    outputs = one.output_shape[1] * one.output_shape[2]
    if channels is not None:
        assert depthwise_lanes(outputs, size[2], vlen) == pytest.approx(channels, rel=0.08)
    if positions is not None:
        assert planes_cost(one, vlen) == pytest.approx(positions, rel=0.08)


@pytest.mark.parametrize(
    ("rows", "channels", "inputs", "vlen", "measured"),
    [
        (1, 128, 640, 128, 8_764),
        (1, 128, 128, 128, 2_102),
        (1, 640, 128, 512, 6_310),
        (1, 128, 640, 512, 2_940),
    ],
)
def test_estimates_of_rows(rows: int, channels: int, inputs: int, vlen: int, measured: int) -> None:
    assert input_lanes(rows, channels, inputs, vlen) == pytest.approx(measured, rel=0.05)


def lowered(one: Conv2D, vlen: int) -> KernelCall:
    context = LowerContext(("tuned", "vext"), f"rv32gcv_zvl{vlen}b", "3")
    call = TunedLibrary().lower(one, context)
    assert call is not None
    return call


def test_the_cheaper_way_is_taken_and_the_other_one_where_it_cannot_be() -> None:
    map_16 = layer((16, 16, 32), (3, 3, 32))
    assert lowered(map_16, 128).kernel == "vector_conv2d_m8"
    assert lowered(map_16, 512).kernel == "vector_planes_m8"
    one_channel = layer((32, 32, 16), (3, 3, 1))
    assert lowered(one_channel, 512).kernel == "vector_planes_single"
    too_large = layer((200, 200, 16), (3, 3, 64))
    assert lowered(too_large, 128).kernel == "vector_planes_m8"
    assert lowered(depthwise((48, 48, 8)), 128).kernel == "vector_planes_depthwise"
    assert lowered(depthwise((12, 12, 64)), 128).kernel == "vector_depthwise_3x3"
    two_images = lowered(depthwise((12, 12, 64), images=2), 128)
    assert two_images.kernel == "vector_planes_depthwise"


def test_groups_make_up_the_channels() -> None:
    for lmul, large in LARGE.items():
        for channels in range(1, 200):
            found = groups(channels, lmul)
            if found is None:
                assert channels < large
                continue
            size = large_group(channels, lmul)
            assert found[0] * size + found[1] * 2 == channels
    assert groups(1, 8) == (1, 0)
    assert groups(1, 4) is None


def test_taps_name_the_pixels_that_they_read() -> None:
    for stride in (1, 2, 3):
        taps = Taps(stride, (-4, -1, 0, 2, 5))
        for start, shift in zip(taps.starts, taps.shifts, strict=True):
            for output in range(8):
                phase = start % stride
                assert output * stride + start == (output + shift) * stride + phase
                assert phase in taps.phases


def plans() -> list[tuple[Blocking, int]]:
    found = []
    generator = np.random.default_rng(3)
    while len(found) < 300:
        h, w, c = (int(n) for n in generator.integers(1, (40, 40, 8)))
        filter_h, filter_w, channels = (int(n) for n in generator.integers(1, (6, 6, 12)))
        stride, images = int(generator.integers(1, 4)), int(generator.integers(1, 3))
        valid = bool(generator.integers(0, 2)) and filter_h <= h and filter_w <= w
        one = layer(
            (h, w, c),
            (filter_h, filter_w, channels),
            stride=stride,
            padding=(0, 0) if valid else None,
            images=images,
        )
        if len(found) % 4 == 0:
            one, channels = depthwise((h, w, c), stride=stride, images=images), c
        plan = blocked(one, int(generator.choice([128, 256, 512, 1024])))
        if plan is not None:
            found.append((plan, channels))
    return found


def run(plan: Blocking, channels: int) -> bool:
    """vector_planes.c with output and input in one buffer: whether what it reads is unspoilt.

    What is gathered has to fit its plane too.
    """
    unspoilt = True
    for image in range(plan.geometry.images):
        top = made = stored = 0
        at = image * plan.geometry.input_h * plan.geometry.input_w * plan.geometry.planes
        steps = plan.steps()
        for lane in range(0, plan.all_lanes, plan.lanes):
            count = min(plan.lanes, plan.all_lanes - lane)
            first = lane // plan.layout.row
            end = (lane + count - 1) // plan.layout.row + plan.layout.vertical.reach
            assert top <= first <= made or made == 0
            assert next(steps) == (max(end - made, 0), made - first if first > top else 0)
            top = first
            assert end - top <= plan.rows
            written = (image * plan.geometry.output_h * plan.geometry.output_w + stored) * channels
            for y, _ in plan.layout.starts:
                for row in range(made, end):
                    pixel_row = y + row * plan.layout.vertical.stride
                    if 0 <= pixel_row < plan.geometry.input_h:
                        place = at + pixel_row * plan.geometry.input_w * plan.geometry.planes
                        unspoilt &= place >= written
            made = max(made, end)
            stored += sum(
                1 for i in range(lane, lane + count) if i % plan.layout.row < plan.geometry.output_w
            )
        assert stored == plan.geometry.output_h * plan.geometry.output_w
    return unspoilt


def test_buffers_are_only_shared_where_no_input_is_overwritten_before_it_is_read() -> None:
    shared = kept_apart = 0
    for plan, channels in plans():
        if plan.may_be_in_place(channels):
            assert run(plan, channels)
            shared += plan.vectors > 1
        else:
            kept_apart += not run(plan, channels)
    assert shared > 20
    assert kept_apart > 20


def test_numbers_of_16_bits_suffice_or_other_kernels_run() -> None:
    assert blocked(layer((181, 181, 4), (1, 1, 4)), 128).geometry.input_w == 1  # type: ignore[union-attr]
    assert blocked(layer((260, 260, 2), (1, 1, 4)), 128).geometry.input_w == 260  # type: ignore[union-attr]
    assert blocked(layer((40_000, 1, 2), (3, 1, 4)), 128) is None
    assert blocked(layer((3, 40_000, 1), (1, 3, 4)), 128) is None
    far = replace(layer((9, 9, 2), (3, 3, 4)), dilation=(1, 1 << 16), padding=(1, 1 << 16))
    assert blocked(far, 128) is None
    deep = layer((64, 64, 1300), (1, 1, 4), stride=2)
    assert blocked(deep, 1024) is None
    assert lowered(deep, 1024).kernel.startswith("vector_conv2d")


def test_half_of_a_long_vector_is_used_where_a_whole_one_needs_too_much_scratch() -> None:
    wide = depthwise((48, 48, 48), stride=2)
    whole, half = blocked(wide, 512), blocked(wide, 1024)
    assert whole is not None
    assert half is not None
    assert half.lanes == whole.lanes == 512 // 32 * 8 - 8
    assert lowered(wide, 1024).kernel == "vector_planes_depthwise"
