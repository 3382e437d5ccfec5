"""ADD as a line over both operands: the constants give every pair its output, or there are none."""

from __future__ import annotations

from dataclasses import replace
from math import frexp
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.tuned.requantise.fixed_point import STORED, exactly
from pytest_mlbench.kernels.tuned.requantise.sum_line import sum_line
from pytest_mlbench.models.operators.layers import Elementwise, Operand

if TYPE_CHECKING:
    import pytest


def quantised(factor: float) -> tuple[int, int]:
    fraction, exponent = frexp(factor)
    multiplier = round(fraction * 2**31)
    return (multiplier // 2, exponent + 1) if multiplier == 2**31 else (multiplier, exponent)


def layer(
    left: float, right: float, output: float, low: int = -128, high: int = 127
) -> Elementwise:
    """ADD of scales `left` and `right` to scale `output`, as TensorFlow Lite prepares it."""
    twice = 2 * max(left, right)
    operands = [
        Operand(shape=(4,), data=None, offset=offset, multiplier=factor[0], shift=factor[1])
        for offset, factor in ((3, quantised(left / twice)), (-7, quantised(right / twice)))
    ]
    multiplier, shift = quantised(twice / (2**20 * output))
    return Elementwise(
        index=0,
        kind="ADD",
        inputs=(0, 1),
        outputs=(2,),
        macs=0,
        left=operands[0],
        right=operands[1],
        output_shape=(4,),
        left_shift=20,
        output_offset=5,
        output_multiplier=multiplier,
        output_shift=shift,
        activation_min=low,
        activation_max=high,
    )


def expected(of: Elementwise) -> np.ndarray:
    """TensorFlow Lite's output of every pair (reference_ops::Add, int8)."""
    left, right = (
        exactly((STORED + one.offset) << 20, one.multiplier, one.shift)
        for one in (of.left, of.right)
    )
    total = left[:, None] + right[None, :]
    output = exactly(total, of.output_multiplier, of.output_shift) + of.output_offset
    return np.clip(output, of.activation_min, of.activation_max)


def is_exact(of: Elementwise) -> bool:
    """Whether `of` has a line; it is compared with every pair."""
    line = sum_line(of)
    if line is None:
        return False
    height = STORED[:, None] * line.left + STORED[None, :] * line.right
    assert (np.abs(height) < 2**31).all()
    assert (np.abs(height + line.offset) < 2**31).all()
    t = ((height + line.offset) >> line.shift).clip(0, line.limit)
    assert (t + line.low == expected(of)).all()
    return True


def test_a_line_gives_every_pair_its_output() -> None:
    generator = np.random.default_rng(3)
    scales = generator.uniform(0.01, 0.1, (60, 3)).tolist()
    highs = generator.integers(0, 128, 60).tolist()
    found = [
        is_exact(layer(left, right, output, -128, high))
        for (left, right, output), high in zip(scales, highs, strict=True)
    ]
    assert sum(found) > 40


def test_halves_that_are_rounded_both_ways_tilt_the_line() -> None:
    """Every other sum is a half; away from zero is up on one side and down on the other."""
    assert is_exact(layer(0.5, 0.5, 1.0))


def test_a_wrong_factor_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    of = layer(0.03, 0.05, 0.06)
    assert sum_line(of) is not None
    monkeypatch.setattr("pytest_mlbench.kernels.tuned.requantise.sum_line.NEAR", (5000,))
    assert sum_line(of) is None


def test_a_sum_that_leaves_its_word_has_no_line() -> None:
    assert sum_line(replace(layer(0.03, 0.05, 0.06), output_shift=3)) is None
