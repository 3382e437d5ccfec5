"""TRANSPOSE_CONV divided into convolutions: shapes, taps and paddings, by the numpy references."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from pytest_mlbench.kernels.interface import LowerContext
from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.kernels.tuned.transpose_conv import (
    convolution_of,
    lower_transpose_conv,
    phases,
)
from pytest_mlbench.models.operators.catalogue import OPERATORS
from pytest_mlbench.models.operators.transpose_conv import TransposeConv

TUNED = LowerContext(("tuned",), "rv32gc", "3")
VEXT = LowerContext(("tuned", "vext"), "rv32gcv_zvl128b", "3")


def layer(
    size: tuple[int, int], window: tuple[int, int], stride: tuple[int, int], padding: str = "SAME"
) -> TransposeConv:
    """3 channels from 2, as TensorFlow pads it."""
    output = [
        size[i] * stride[i] + (max(window[i] - stride[i], 0) if padding == "VALID" else 0)
        for i in (0, 1)
    ]
    total = [max((size[i] - 1) * stride[i] + window[i] - output[i], 0) for i in (0, 1)]
    generator = np.random.default_rng(7)
    return TransposeConv(
        0, "TRANSPOSE_CONV", (2,), (3,), 0,
        input_shape=(2, *size, 2), output_shape=(2, output[0], output[1], 3), stride=stride,
        padding=(total[0] // 2, total[1] // 2), activation_min=-128, activation_max=120,
        weights=generator.integers(-127, 128, (3, *window, 2)).astype(np.int8), filter=window,
        bias=np.array([0, 400, -400], np.int32), computed_bias=False, input_offset=5,
        output_offset=-3, multipliers=np.full(3, 1 << 30, np.int32),
        shifts=np.array([-6, -7, -5], np.int32),
    )  # fmt: skip


def by_phases(one: TransposeConv, source: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    rows, columns = phases(one, 0), phases(one, 1)
    assert rows is not None
    assert columns is not None
    output = np.zeros(one.output_shape, np.int64)
    for row, column in product(rows, columns):
        made = OPERATORS["CONV_2D"].reference(convolution_of(one, row, column), source)  # type: ignore[misc]
        made = made[:, : row.count, : column.count]
        output[:, row.first :: one.stride[0], column.first :: one.stride[1]] = made
    return output


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize("stride", [(1, 1), (2, 2), (2, 1), (3, 2)])
@pytest.mark.parametrize("window", [(3, 3), (4, 4), (5, 3)])
def test_the_phases_are_the_layer(
    window: tuple[int, int], stride: tuple[int, int], padding: str
) -> None:
    one = layer((4, 5), window, stride, padding)
    source = np.random.default_rng(3).integers(-128, 128, one.input_shape).astype(np.int8)
    wanted = OPERATORS["TRANSPOSE_CONV"].reference(one, source)  # type: ignore[misc]
    np.testing.assert_array_equal(by_phases(one, source), wanted)


def test_a_filter_smaller_than_the_stride_is_left_to_the_reference_kernel() -> None:
    """Some outputs see no tap."""
    one = layer((4, 5), (1, 3), (2, 2))
    assert phases(one, 0) is None
    assert TunedLibrary().lower(one, TUNED) is None


def test_integer_convolutions_copy_with_vectors_in_a_build_that_has_them() -> None:
    """moves.c and transpose_conv.c are compiled once for a build."""
    for context, file in ((TUNED, "copy_rows.c"), (VEXT, "vector_move.S")):
        call = lower_transpose_conv(layer((4, 5), (3, 3), (2, 2)), context)
        assert call is not None
        copies = {path.name for path in call.sources} & {"copy_rows.c", "vector_move.S"}
        assert copies == {file}


def test_two_by_two_with_stride_two_is_four_pointwise_layers() -> None:
    one = layer((4, 5), (2, 2), (2, 2))
    call = TunedLibrary().lower(one, TUNED)
    assert call is not None
    assert call.kernel == "transpose_conv"
    rows = phases(one, 0)
    assert rows is not None
    assert [(row.first, row.count, row.taps, row.padding) for row in rows] == [
        (0, 4, 1, 0),
        (1, 4, 1, 0),
    ]
