"""Requantisation by two small products: every line that is found is exact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from pytest_mlbench.kernels.tuned.requantise.fixed_point import Accumulators, exactly
from pytest_mlbench.kernels.tuned.requantise.two_products import (
    SHIFT,
    Line,
    lines_alike,
    lines_of_each,
)

WORD = 2**31


@dataclass
class Layer:
    multipliers: np.ndarray
    shifts: np.ndarray
    output_offset: int = -128
    activation_min: int = -128
    activation_max: int = 127


def layer(multiplier: int, factor: int, *bounds: int) -> Layer:
    return Layer(np.array([multiplier]), np.array([factor]), *bounds)


def reaching(low: int, high: int, bias: int = 0) -> Accumulators:
    return Accumulators(np.array([bias]), np.array([low]), np.array([high]))


def outputs(line: Line, bias: int, acc: np.ndarray) -> np.ndarray:
    """As the kernels compute them; every intermediate value has to fit in 32 bits."""
    start = acc - bias + line.start
    assert (np.abs(start) <= WORD).all()
    a = np.clip(start, 0, line.most)
    part = a * line.lower
    assert (part < 2 * WORD).all()
    height = (part >> line.bits) + a * line.upper
    assert (height < WORD).all()
    offset = line.offset + np.where(a < line.bend, line.below, 0)
    assert -WORD <= line.offset < WORD
    assert -WORD <= line.below < WORD
    assert (np.abs(height + offset) <= WORD).all()
    return (height + offset) >> SHIFT


def expected(of: Layer, acc: np.ndarray) -> np.ndarray:
    value = exactly(acc, int(of.multipliers[0]), int(of.shifts[0])) + of.output_offset
    return np.clip(value, of.activation_min, of.activation_max)


@pytest.mark.parametrize("seed", range(4))
def test_a_line_gives_every_accumulator_its_output(seed: int) -> None:
    """The slopes that layers have, bounds of ReLU and of ReLU6."""
    generator = np.random.default_rng(seed)
    for _ in range(20):
        of = layer(
            int(generator.integers(2**30, 2**31)),
            int(generator.integers(-10, -1)),
            -128,
            -128,
            int(generator.integers(60, 128)),
        )
        reach, bias = 150_000, int(generator.integers(-(2**20), 2**20))
        (line,) = lines_of_each(reaching(bias - reach, bias + reach, bias), of)
        assert line is not None
        acc = np.arange(bias - reach, bias + reach + 1)
        assert (outputs(line, bias, acc) == expected(of, acc)).all()


@pytest.mark.parametrize(("bent", "least"), [(False, 100), (True, 250)])
def test_whatever_line_is_found_is_exact(bent: bool, least: int) -> None:
    """Any multiplier, shift, zero point and bounds."""
    generator = np.random.default_rng(9)
    found = 0
    for _ in range(400):
        low, high = np.sort(generator.integers(-128, 128, 2)).tolist()
        of = layer(
            int(generator.integers(2**30, 2**31)),
            int(generator.integers(-31, 9)),
            int(generator.integers(-128, 128)),
            low,
            high,
        )
        reach = int(generator.integers(1, 20_000))
        lines = lines_alike(reaching(-reach, reach), of, bent=bent)
        if lines is not None:
            found += 1
            acc = np.arange(-reach, reach + 1)
            assert (outputs(lines[0], 0, acc) == expected(of, acc)).all()
    assert least < found < 400


def test_a_channel_of_one_output_needs_no_slope() -> None:
    of = layer(2**30, -31)
    (line,) = lines_of_each(reaching(-(2**22), 2**22), of)
    assert line is not None
    assert line.most == 0
    assert (outputs(line, 0, np.array([-(2**22), 0, 2**22])) == -128).all()


def test_a_channel_that_leaps_over_its_bound_has_no_line() -> None:
    """Four accumulators from the lowest output to the highest one: no line stops there."""
    assert lines_of_each(reaching(-1000, 1000), layer(2**30 + 1, 7, -100)) == (None,)


@pytest.mark.parametrize("zero", [-127, -3, 0, 90, 126])
def test_halves_rounded_away_from_zero_bend_the_staircase(zero: int) -> None:
    """At -1.5 steps and at 1.5 steps the output is one step further from the zero point."""
    of = layer(2**30, -8, zero)
    assert lines_of_each(reaching(-160_000, 160_000), of) == (None,)
    lines = lines_alike(reaching(-160_000, 160_000), of, bent=True)
    assert lines is not None
    acc = np.arange(-160_000, 160_001)
    assert (outputs(lines[0], 0, acc) == expected(of, acc)).all()
    assert lines[0].below < 0 < lines[0].bend


def test_an_accumulator_that_leaves_its_word_has_no_line() -> None:
    assert lines_of_each(reaching(-(2**29), 2**29), layer(2**30 + 9, 3)) == (None,)


def test_channels_alike_have_the_bits_of_the_widest() -> None:
    of = Layer(np.array([2**30 + 5, 2**30 + 7]), np.array([-9, -2]))
    acc = Accumulators(np.zeros(2, np.int64), np.full(2, -(2**20)), np.full(2, 2**20))
    own = lines_of_each(acc, of)
    alike = lines_alike(acc, of)
    assert alike is not None
    first, second = own
    assert first is not None
    assert second is not None
    assert first.bits < second.bits
    assert {line.bits for line in alike} == {first.bits}


def test_channels_alike_need_a_line_each() -> None:
    of = Layer(np.array([2**30 + 5, 2**30 + 7]), np.array([-9, 7]), -100, -60)
    acc = Accumulators(np.zeros(2, np.int64), np.full(2, -(2**20)), np.full(2, 2**20))
    assert lines_of_each(acc, of)[0] is not None
    assert lines_alike(acc, of) is None
