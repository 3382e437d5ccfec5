"""ADD of two activations of one shape: add.c."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Struct, TensorRef
from pytest_mlbench.kernels.tuned.geometry import HEADER, beside
from pytest_mlbench.kernels.tuned.requantise.fixed_point import (
    STORED,
    Accumulators,
    exactly,
    fits,
    fixed_point,
)
from pytest_mlbench.kernels.tuned.requantise.sum_line import sum_line

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from pytest_mlbench.kernels.interface import Argument, LowerContext
    from pytest_mlbench.models.operators.layers import Elementwise, Operand

SOURCES = beside(__file__, "add.c")

HALF = 2**30
"""The multiplier of a factor that is a power of two."""


@dataclass(frozen=True)
class _Sum:
    multipliers: NDArray[np.int64]
    shifts: NDArray[np.int64]
    output_offset: int
    activation_min: int
    activation_max: int


def _adds_two(layer: Elementwise) -> bool:
    """Whether `layer` adds two activations of one shape."""
    return (
        len(layer.inputs) == 2
        and layer.left.shape == layer.right.shape == layer.output_shape
        and layer.left.data is None
        and layer.right.data is None
        and layer.left_shift == 20
    )


def add_line_call(layer: Elementwise, kernel: str, sources: tuple[Path, ...]) -> KernelCall | None:
    """The call of a kernel that takes struct mlbench_tuned_add_line, for two activations of one
    shape whose sum is a line."""
    line = sum_line(layer) if _adds_two(layer) else None
    if line is None:
        return None
    return KernelCall(
        kernel=kernel,
        library="tuned",
        function=f"mlbench_tuned_{kernel}",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_add_line",
                {
                    "count": math.prod(layer.output_shape),
                    "left": line.left,
                    "right": line.right,
                    "offset": line.offset,
                    "shift": line.shift,
                    "range": line.limit,
                    "low": line.low,
                },
            ),
            *(TensorRef(index) for index in layer.inputs),
            TensorRef(layer.outputs[0]),
        ),
        sources=sources,
        in_place=((0, 0), (1, 0)),
    )


def lower_add_line(layer: Elementwise, _context: LowerContext) -> KernelCall | None:
    """The call for an ADD of two activations of one shape; None unless it is a line."""
    return add_line_call(layer, "add_line", SOURCES)


def lower_add(layer: Elementwise, _context: LowerContext) -> KernelCall | None:
    """The call for an ADD of two activations of one shape; None if add.c does not support it."""
    if not _adds_two(layer):
        return None
    for left, right in ((0, 1), (1, 0)):
        operands = (layer.left, layer.right)
        fields = _fields(layer, operands[left], operands[right])
        if fields is not None:
            return KernelCall(
                kernel="add",
                library="tuned",
                function="mlbench_tuned_add" + ("_signed" if fields["sign"] else ""),
                header=HEADER,
                arguments=(
                    Struct("struct mlbench_tuned_add", fields),
                    TensorRef(layer.inputs[left]),
                    TensorRef(layer.inputs[right]),
                    TensorRef(layer.outputs[0]),
                ),
                sources=SOURCES,
                in_place=((0, 0), (1, 0)),
            )
    return None


def _fields(layer: Elementwise, left: Operand, right: Operand) -> dict[str, Argument] | None:
    if left.multiplier != HALF or not -18 <= left.shift <= 0:
        return None
    left_shift = 19 + left.shift
    scaled = np.array(
        [exactly(int(x + right.offset) << 20, right.multiplier, right.shift) for x in STORED]
    )
    table = scaled + (left.offset << left_shift)
    lefts = STORED << left_shift
    constants = fixed_point(
        Accumulators(
            np.zeros(1, np.int64),
            np.array([lefts.min() + table.min()]),
            np.array([lefts.max() + table.max()]),
        ),
        _Sum(
            np.array([layer.output_multiplier]),
            np.array([layer.output_shift]),
            layer.output_offset,
            layer.activation_min,
            layer.activation_max,
        ),
        uniform=True,
    )
    if constants is None:
        return None
    scaled_up = int(constants.left_shift[0])
    table, lefts = table << scaled_up, lefts << scaled_up
    if not (fits(table) and fits(lefts)):
        return None
    return {
        "right": Array("int32_t", table.astype(np.int32), name="right"),
        "count": math.prod(layer.output_shape),
        "left_shift": left_shift + scaled_up,
        "multiplier": int(constants.multiplier[0]),
        "offset": int(constants.offset[0]),
        "shift": int(constants.shift[0]),
        "sign": int(constants.sign[0]),
        "range": constants.limit,
        "low": constants.low,
    }
