"""The proofs that decide which kernel runs: that they hold, and that they are needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from proofs import LEVEL

from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.kernels.tuned.requantise import double, staircase
from pytest_mlbench.kernels.tuned.requantise.fixed_point import Accumulators, exactly, fixed_point
from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import LayerCase, Mismatch, check_layers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.backends.interface import Generated

DEXT = ("tuned", "dext")


def conv(weight: int, *, scale: float = 2.0**-9) -> LayerCase:
    """3x3, 40 channels, every weight the same: the accumulator reaches 360 * weight * 255."""
    build = GraphBuilder()
    x = build.input("x", (1, 4, 4, 40), scale=1.0, zero_point=-128)
    weights = np.full((8, 3, 3, 40), weight, np.int8)
    w = build.constant("w", weights, scale=scale)
    y = build.activation("y", (1, 4, 4, 8), scale=64.0, zero_point=-128)
    options = {"stride_h": 1, "stride_w": 1}
    build.op("CONV_2D", [x, w, -1], [y], padding="SAME", **options)
    graph = build.finish([y])
    samples = [np.full((1, 4, 4, 40), value, np.int8) for value in (-128, 5, 127)]
    return LayerCase(graph, tuple((sample,) for sample in samples), note="equal weights")


def checked(*cases: LayerCase) -> Generated:
    """The model of the cases, whose outputs equal TensorFlow Lite Micro's."""
    pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")
    return check_layers(cases, libraries=(TunedLibrary(),), features=DEXT, optimize=LEVEL["host"])


def kernels(generated: Generated) -> list[str]:
    return [str(row["kernel"]) for row in generated.operators]


def test_pairs_run_where_accumulators_fit_their_halves() -> None:
    """Too large ones run on the integer kernel."""
    fits, too_large = kernels(checked(conv(40), conv(127)))
    assert fits.startswith("conv2d_pairs")
    assert too_large == "conv2d"


def test_without_the_proof_the_output_would_be_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(double, "fits_half", lambda acc: True)
    with pytest.raises(Mismatch):
        checked(conv(127))


def chunks(depth: int, window: int, channels: int) -> LayerCase:
    """A layer of many positions, with two samples."""
    build = GraphBuilder()
    generator = np.random.default_rng(channels)
    shape = (1, 40, 29, depth) if window > 1 else (1, 20, 13, depth)
    x = build.input("x", shape, scale=1.0, zero_point=-128)
    weights = generator.integers(-128, 128, (channels, window, window, depth), dtype=np.int8)
    w = build.constant("w", weights, scale=2.0**-9)
    y = build.activation("y", (*shape[:3], channels), scale=16.0, zero_point=-128)
    build.op("CONV_2D", [x, w, -1], [y], padding="SAME", stride_h=1, stride_w=1)
    samples = [generator.integers(-128, 128, shape, dtype=np.int8) for _ in range(2)]
    note = f"{window}x{window}, {depth} to {channels} channels"
    return LayerCase(build.finish([y]), tuple((sample,) for sample in samples), note=note)


@pytest.mark.parametrize(
    ("depth", "window", "channels", "name"),
    [
        (64, 1, 8, "conv2d_pairs_patches"),
        (64, 1, 64, "conv2d_pairs_expanded"),
        (64, 1, 72, "conv2d_pairs_expanded"),
        (2, 3, 18, "conv2d_pairs_expanded"),
    ],
)
def test_a_layer_of_several_chunks_lies_over_its_input_where_it_may(
    depth: int, window: int, channels: int, name: str
) -> None:
    """If it is pointwise and does not grow, or all of its input is copied first."""
    generated = checked(chunks(depth, window, channels))
    assert kernels(generated) == [name]
    arena = {str(row["name"]): row for row in generated.arena}
    rows = arena["input 0"], arena["0 CONV_2D"]
    lower, upper = sorted(rows, key=lambda row: int(row["offset"]))
    shared = lower["offset"] + lower["size"] > upper["offset"]
    assert shared == (window > 1 or channels <= depth)


@dataclass
class Layer:
    multipliers: NDArray[np.int32]
    shifts: NDArray[np.int32]
    output_offset: int = -128
    activation_min: int = -128
    activation_max: int = 127


def bounds(reach: int, channels: int = 1) -> Accumulators:
    full = np.full(channels, reach, np.int64)
    return Accumulators(np.zeros(channels, np.int64), -full, full)


def test_a_product_of_too_many_bits_is_compared_step_by_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = Layer(np.array([2**30]), np.array([-14]))
    many = Layer(np.array([2**30 + 1]), np.array([-15]))
    weights = np.ones((1, 9), np.int8)
    assert double.prove(weights, bounds(2**21), few) is not None
    assert double.prove(weights, bounds(2**21), many) is not None
    monkeypatch.setattr(double, "_steps_agree", lambda *_: False)
    assert double.prove(weights, bounds(2**21), few) is not None
    assert double.prove(weights, bounds(2**21), many) is None


def test_a_rounding_that_moves_a_step_is_found_out() -> None:
    exact = (2**30 + 1, -15, -128)
    found = double._requantised(-(2**21), 2**21, *exact)
    assert found is not None
    m, c, d = found
    assert double._steps_agree(-(2**21), 2**21, exact, found)
    assert not double._steps_agree(-(2**21), 2**21, exact, (m, c + 2.0**12, d))


def test_a_clamp_that_the_conversion_does_not_do_is_no_proof() -> None:
    layer = Layer(np.array([2**30]), np.array([-5]), activation_max=100)
    assert double.prove(np.ones((1, 9), np.int8), bounds(1000), layer) is None


@pytest.mark.parametrize("zero_point", [-128, -3, 127])
def test_requantisation_is_exact_for_every_accumulator(zero_point: int) -> None:
    generator = np.random.default_rng(zero_point & 0xFF)
    for _ in range(60):
        multiplier = int(generator.integers(2**30, 2**31))
        factor = int(generator.integers(-16, 3))
        layer = Layer(np.array([multiplier]), np.array([factor]), zero_point)
        reach = 3000
        found = fixed_point(bounds(reach), layer)
        assert found is not None
        acc = np.arange(-reach, reach + 1)
        t = ((acc << int(found.left_shift[0])) * int(found.multiplier[0])) >> 32
        t = (t + np.where(t < 0, found.sign[0], 0) + found.offset[0]) >> found.shift[0]
        mine = found.low + np.clip(t, 0, found.limit)
        theirs = exactly(acc, multiplier, factor) + zero_point
        assert (mine == np.clip(theirs, -128, 127)).all()


def test_a_line_is_the_staircase_for_every_accumulator() -> None:
    generator = np.random.default_rng(5)
    for _ in range(40):
        multiplier = int(generator.integers(2**30, 2**31))
        factor = int(generator.integers(-12, -3))
        layer = Layer(np.array([multiplier]), np.array([factor]))
        reach = 40_000
        (line,) = staircase.staircases(bounds(reach), layer) or (None,)
        assert line is not None
        acc = np.arange(-reach, reach + 1)
        mine = (((acc << line.scale) + line.start) * line.multiplier) >> (32 + line.shift)
        theirs = exactly(acc, multiplier, factor) - 128
        assert (np.clip(mine, 0, 255) - 128 == np.clip(theirs, -128, 127)).all()


def test_a_line_cannot_bend_at_zero() -> None:
    layer = Layer(np.array([2**30 + 12345]), np.array([-6]), output_offset=3)
    assert staircase.staircases(bounds(1000), layer) is None


def test_a_wrong_line_is_found_out() -> None:
    exact = staircase._Exact(2**30 + 77, -6, 0, 255)
    found = staircase._staircase(0, -9000, 9000, exact, 12)
    assert found is not None
    steps = exact.steps(exact.at(-9000) + 1, exact.at(9000))
    line = staircase._Line(found.start, found.scale, found.multiplier, found.shift, 255)
    assert line.takes(steps)
    for wrong in (-1, 1):
        assert not replace(line, start=line.start + (wrong << line.scale)).takes(steps)
