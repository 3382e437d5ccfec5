"""Vector convolutions whose outputs lie as far over their inputs as they say, and no farther."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_tuned_overlap import Tight

from pytest_mlbench.backends.aot import lowered
from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.kernels.tuned.vext import channels
from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import LayerCase, Mismatch, check_layers

pytestmark = pytest.mark.spike

SHAPES = [
    # one pass over the channels, inputs read in place: side, channels, outputs, window, stride
    (7, 8, 16, 1, 1),
    (7, 16, 24, 1, 1),
    (8, 8, 32, 1, 2),
    (9, 8, 32, 1, 1),
    (9, 8, 8, 3, 1),
    # patches of 12 positions
    (7, 6, 12, 1, 1),
    (9, 5, 40, 1, 1),
    (9, 3, 20, 3, 2),
]

IMAGES = [(3, 17, 64, 1, 2, 2), (3, 8, 16, 1, 1, 2), (5, 3, 20, 3, 2, 3)]
"""Several images: no group of positions reaches from one into the next."""


def layer(
    side: int, depth: int, outputs: int, window: int, stride: int, images: int = 1
) -> LayerCase:
    numbers = np.random.default_rng(side * depth + outputs)
    build = GraphBuilder()
    shape = (images, side, side, depth)
    x = build.input("x", shape, scale=1.0, zero_point=-128)
    taps = (outputs, window, window, depth)
    weights = numbers.integers(-127, 128, taps).astype(np.int8)
    w = build.constant("w", weights, scale=2.0**-9)
    after = (side - window) // stride + 1
    y = build.activation(
        "y", (images, after, after, outputs), scale=float(depth * window), zero_point=5
    )
    build.op("CONV_2D", [x, w, -1], [y], padding="VALID", stride_h=stride, stride_w=stride)
    sample = numbers.integers(-128, 128, shape).astype(np.int8)
    return LayerCase(build.finish([y]), ((sample,),), note="random weights")


def checked(monkeypatch: pytest.MonkeyPatch, vlen: int) -> tuple[set[int], list[str]]:
    """The layers whose output lies over its input, and the kernels."""
    pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")
    planner = Tight()
    monkeypatch.setattr(lowered, "arrange", planner)
    made = check_layers(
        [layer(*shape) for shape in (*SHAPES, *IMAGES)],
        libraries=(TunedLibrary(),),
        features=("tuned", "vext"),
        isa=f"rv32gcv_zvl{vlen}b",
        runner="spike",
        optimize="3",
    )
    return planner.used, [str(row["kernel"]) for row in made.operators]


def by_channels(*_: Any) -> float:
    """Positions as lanes cost more than channels."""
    return 1e9


@pytest.mark.parametrize("vlen", [128, 512])
def test_outputs_lie_over_inputs(vlen: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_mlbench.kernels.tuned.vext.conv2d.planes_cost", by_channels)
    used, kernels = checked(monkeypatch, vlen)
    assert any(name.startswith("vector_conv2d_m") for name in kernels)
    assert any(name.startswith("vector_conv2d_patches") for name in kernels)
    assert len(used & set(range(len(SHAPES)))) >= len(SHAPES) - 1


@pytest.mark.parametrize("direct", [True, False])
def test_nearer_they_would_be_wrong(direct: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    right = channels.distance

    def short(order: Any, *, together: int) -> int:
        less = 64 if direct == (together != channels.PATCHES) else 0
        return max(right(order, together=together) - less, 0)

    monkeypatch.setattr("pytest_mlbench.kernels.tuned.vext.conv2d.planes_cost", by_channels)
    monkeypatch.setattr(channels, "distance", short)
    with pytest.raises(Mismatch):
        checked(monkeypatch, 128)
