"""Build-time arithmetic against values computed by hand, and against its definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mlbench.models.operators import arithmetic as q
from pytest_mlbench.models.operators import fixed_point
from pytest_mlbench.models.tflite.graph import Quantisation, Tensor

HALF = 1 << 30


@pytest.mark.parametrize(
    ("real", "multiplier", "shift"),
    [
        (0.0, 0, 0),
        (0.5, HALF, 0),
        (1.0, HALF, 1),
        (0.75, 3 << 29, 0),
        (6.0, 3 << 29, 3),
        (2.0**-31, HALF, -30),
        (2.0**-32, HALF, -31),
        (2.0**-33, 0, 0),  # beyond the last shift
        (1.0 - 2.0**-40, HALF, 1),  # rounds up to the next power of two
        (0.1, 1717986918, -3),  # 0.8 * 2**31 = 1717986918.4
        (0.3, 1288490189, -1),  # 0.6 * 2**31 = 1288490188.8
    ],
)
def test_quantize_multiplier(real: float, multiplier: int, shift: int) -> None:
    assert q.quantize_multiplier(real) == q.Multiplier(multiplier, shift)


@given(st.floats(2.0**-31, 2.0**29))
def test_a_multiplier_is_within_half_a_step_of_its_factor(real: float) -> None:
    pair = q.quantize_multiplier(real)
    assert HALF <= pair.multiplier < 1 << 31
    step = 2.0 ** (pair.shift - 31)
    assert abs(pair.multiplier * step - real) <= step / 2


@pytest.mark.parametrize("real", [-0.5, math.inf, math.nan, 2.0**31])
def test_a_factor_out_of_range_is_refused(real: float) -> None:
    with pytest.raises(q.NotRepresentable, match="ratio of its scales"):
        q.quantize_multiplier(real)


@pytest.mark.parametrize("real", [0.0, 1.0, 1.5, 1.0 - 2.0**-40])
def test_sums_need_a_factor_below_one(real: float) -> None:
    with pytest.raises(q.NotRepresentable, match="ratio of its scales"):
        q.smaller_than_one(real)


def _output(scale: float, zero_point: int) -> Tensor:
    return Tensor(0, "y", (1,), "int8", Quantisation((scale,), (zero_point,)))


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("NONE", (-128, 127)),
        ("RELU", (3, 127)),
        ("RELU6", (3, 27)),  # 6 / 0.25 = 24 steps above the zero point
        ("RELU_N1_TO_1", (-1, 7)),
    ],
)
def test_activation_bounds(activation: str, expected: tuple[int, int]) -> None:
    assert q.activation_range(activation, _output(0.25, 3)) == expected


def test_activation_bounds_stay_in_the_type() -> None:
    assert q.activation_range("RELU6", _output(0.01, -128)) == (-128, 127)
    assert q.activation_range("RELU", _output(0.01, 127)) == (127, 127)


def test_activation_bounds_refuse_what_integers_cannot_say() -> None:
    with pytest.raises(q.NotRepresentable, match="too small"):
        q.activation_range("RELU6", _output(1e-12, 0))
    with pytest.raises(q.NotRepresentable, match="TANH has no int8 form"):
        q.activation_range("TANH", _output(1.0, 0))


def test_ties_of_activation_bounds_round_away_from_zero() -> None:
    assert q.stored_steps(1.0, 2.0) == 1
    assert q.stored_steps(-1.0, 2.0) == -1


@pytest.mark.parametrize(
    ("size", "window", "stride", "dilation", "padding", "output", "before"),
    [
        (49, 10, 2, 1, "SAME", 25, 4),  # aww's first layer, rows: 9 in all, 4 above
        (10, 4, 2, 1, "SAME", 5, 1),
        (32, 3, 1, 1, "SAME", 32, 1),
        (32, 3, 2, 1, "SAME", 16, 0),  # 1 in all, below
        (32, 3, 2, 1, "VALID", 15, 0),
        (7, 3, 1, 2, "SAME", 7, 2),
        (7, 3, 1, 2, "VALID", 3, 0),
        (1, 5, 3, 1, "SAME", 1, 2),
    ],
)
def test_windows(
    size: int, window: int, stride: int, dilation: int, padding: str, output: int, before: int
) -> None:
    assert q.output_size(size, window, stride, dilation, padding) == output
    assert q.padding_before(size, output, window, stride, dilation) == before


def test_softmax_scaling() -> None:
    # 0.25 * 2**26 = 2**24: multiplier 1/2, shift 25; 31 * 2**26 / 2**25 = 62 steps count.
    assert q.softmax_scaling(1.0, 0.25) == (q.Multiplier(HALF, 25), -62)
    factor, least = q.softmax_scaling(1.0, 1e6)
    assert factor == q.Multiplier((1 << 31) - 1, 31)
    assert least == 0
    with pytest.raises(q.NotRepresentable, match="too small"):
        q.softmax_scaling(1.0, 2.0**-27)


def test_mean_multiplier_cuts_off() -> None:
    # 1/3 of 1: multiplier (2**30 << 1) // 3, shift 1 - 1.
    assert q.mean_multiplier(0.5, 0.5, 3) == q.Multiplier((1 << 31) // 3, 0)
    assert q.mean_multiplier(0.5, 0.5, 1) == q.IDENTITY


def test_products_of_scales_are_not_rounded_to_single_precision() -> None:
    left, right = (float(np.float32(value)) for value in (0.1, 0.3))
    assert q.product_scale(left, right, 1.0) == left * right
    assert q.product_scale(left, right, 1.0) != float(np.float32(left) * np.float32(right))


@pytest.mark.parametrize("scale", [0.001, 0.05, 0.1, 1.0, 3.0])
@pytest.mark.parametrize("zero_point", [-128, 0, 77])
def test_tables_are_within_one_step_of_the_function(scale: float, zero_point: int) -> None:
    real = scale * (np.arange(256, dtype=np.uint8).view(np.int8).astype(float) - zero_point)
    for kind, exact in (
        ("LOGISTIC", 256 / (1 + np.exp(-np.clip(real, -80, 80))) - 128),
        ("TANH", 128 * np.tanh(real)),
    ):
        table = fixed_point.table(kind, scale, zero_point)
        assert np.abs(table - np.clip(exact, -128, 127)).max() <= 1.0


@pytest.mark.parametrize("kind", ["LOGISTIC", "TANH"])
def test_a_table_whose_reference_is_undefined_is_refused(kind: str) -> None:
    assert fixed_point.table(kind, 2.0**-28, 0)[128] == {"LOGISTIC": 0, "TANH": 0}[kind]
    with pytest.raises(q.NotRepresentable, match=r"1e-10, expected at least 2\*\*-28"):
        fixed_point.table(kind, 1e-10, 0)
