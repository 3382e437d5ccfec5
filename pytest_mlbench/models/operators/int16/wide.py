"""Shared by the families: the check for int16 operators, and 64-bit arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.models.operators.numpy_arithmetic import Words
    from pytest_mlbench.models.operators.view import OperatorView


def is_int16(view: OperatorView) -> bool:
    """Is any activation int16?"""
    return "int16" in (view.tensor(0).dtype, view.output.dtype)


def type_problem(view: OperatorView, source: int = 0) -> str:
    """Checks that types are int8 to int8, or int16 to int16 with zero point 0.

    `source` is the position of the input.
    """
    given, output = view.tensor(source), view.output
    if given.dtype != output.dtype:
        return f"from {given.dtype} to {output.dtype}"
    zeros = (given.quantisation.zero_point, output.quantisation.zero_point)
    if given.dtype == "int16" and any(zeros):
        return "an int16 zero point other than 0"
    return ""


def bias_problem(
    view: OperatorView, position: int = 2, *, narrow: bool = False, source: int = 0
) -> str:
    """Checks that the bias is int32 for int8 and int64 for int16.

    With `narrow`, int16 allows both, and the bias's type gives the width of the sums.
    """
    offset, given = view.optional(position), view.tensor(source).dtype
    if offset is None:
        return ""
    wanted = ("int32",) if given == "int8" else ("int64", *(("int32",) if narrow else ()))
    if offset.dtype not in wanted:
        return f"its bias is {offset.dtype}, expected {' or '.join(wanted)} beside {given}"
    return ""


def short(multipliers: NDArray[np.int32]) -> NDArray[np.int32]:
    """31-bit multipliers rounded to 15 bits."""
    wide = multipliers.astype(np.int64)
    return np.where(wide < 0x7FFF0000, (wide + (1 << 15)) >> 16, 0x7FFF).astype(np.int32)


def narrow_sums(view: OperatorView) -> bool:
    """Like the interpreter, CONV_2D and FULLY_CONNECTED sum in 32 bits beside such a bias."""
    offset = view.optional(2)
    return offset is not None and offset.dtype == "int32"


def wide_bias(view: OperatorView, position: int = 2) -> NDArray[np.int64] | None:
    """The constant bias, int64 [outputs], or None."""
    offset = view.optional(position)
    if offset is None or offset.data is None:
        return None
    return offset.data.reshape(-1).astype(np.int64)


def requantise64(value: Words, multiplier: Any, shift: Any) -> Words:
    """value * multiplier * 2**(shift - 15) as int32, to nearest with ties up; the multiplier has 15
    bits."""
    total = 15 - np.asarray(shift, np.int64)
    product = value * np.asarray(multiplier, np.int64)
    exact = (product + (np.int64(1) << (total - 1))) >> total
    found: Words = exact.astype(np.int32).astype(np.int64)
    return found


def finish64(layer: Any, sums: Words) -> Words:
    """Adds the bias to accumulators, scales them and clamps them."""
    total = sums if layer.bias is None else sums + layer.bias
    scaled = requantise64(total, layer.multipliers, layer.shifts)
    clamped: Words = np.clip(scaled, layer.activation_min, layer.activation_max)
    return clamped
