"""Convolutions on RV64: whether two or three activations lie in a register, and that it matters."""

from __future__ import annotations

import numpy as np
import pytest
from proofs import LEVEL

from pytest_mlbench.kernels.tuned.integer import conv2d
from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import LayerCase, Mismatch, check_layers

SIDE = 5


def pointwise(weight: int) -> LayerCase:
    """64 channels to 8, weights of one size: accumulators reach 64 * 255 * weight, either sign."""
    build = GraphBuilder()
    x = build.input("x", (1, SIDE, SIDE, 64), scale=1.0, zero_point=-128)
    weights = np.full((8, 1, 1, 64), weight, np.int8)
    weights[4:] *= -1
    w = build.constant("w", weights, scale=2.0**-9)
    y = build.activation("y", (1, SIDE, SIDE, 8), scale=32.0, zero_point=5)
    build.op("CONV_2D", [x, w, -1], [y], padding="SAME", stride_h=1, stride_w=1)
    shape = (1, SIDE, SIDE, 64)
    mixed = np.where(np.arange(SIDE * SIDE) % 3 == 0, 127, -128).reshape(1, SIDE, SIDE, 1)
    samples = [np.full(shape, 127, np.int8), np.broadcast_to(mixed, shape).astype(np.int8)]
    return LayerCase(build.finish([y]), tuple((one,) for one in samples), note="equal weights")


def kernel(case: LayerCase, runner: str = "host") -> str:
    pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")
    generated = check_layers(
        [case],
        libraries=(TunedLibrary(),),
        features=("tuned",),
        isa="rv64gc",
        runner=runner,
        optimize=LEVEL[runner],
    )
    return next(str(row["kernel"]) for row in generated.operators if row["name"] == "CONV_2D")


@pytest.mark.parametrize(
    ("weight", "name"),
    [(64, "conv2d_rv64_triples_signed"), (65, "conv2d_rv64_pairs_signed")],
)
def test_three_activations_share_a_register_as_long_as_their_sums_fit(
    weight: int, name: str
) -> None:
    assert 64 * 255 * 64 < conv2d.HALF_FIELD < 64 * 255 * 65
    assert kernel(pointwise(weight)) == name


def test_without_the_bound_the_output_would_be_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conv2d, "_fit_a_field", lambda *_: True)
    with pytest.raises(Mismatch):
        kernel(pointwise(100))


@pytest.mark.spike
def test_patches_are_aligned_for_channels_that_are_no_whole_words() -> None:
    """A patch beyond the edge is gathered by words, behind outputs of nine times five bytes."""
    build = GraphBuilder()
    generator = np.random.default_rng(5)
    x = build.input("x", (1, 7, 7, 8), scale=1.0, zero_point=3)
    weights = generator.integers(-20, 21, (5, 3, 3, 8), dtype=np.int8)
    w = build.constant("w", weights, scale=2.0**-8)
    y = build.activation("y", (1, 7, 7, 5), scale=16.0, zero_point=-128)
    build.op("CONV_2D", [x, w, -1], [y], padding="SAME", stride_h=1, stride_w=1)
    sample = generator.integers(-128, 128, (1, 7, 7, 8), dtype=np.int8)
    case = LayerCase(build.finish([y]), ((sample,),), note="five channels")
    assert kernel(case, runner="spike") == "conv2d_rv64_triples"
