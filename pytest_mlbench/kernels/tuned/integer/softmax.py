"""SOFTMAX with exponentials from a table: softmax.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Struct, TensorRef
from pytest_mlbench.kernels.tuned.geometry import HEADER, beside
from pytest_mlbench.kernels.tuned.requantise.fixed_point import exactly
from pytest_mlbench.models.operators.fixed_point import exp_of_negative

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.kernels.interface import LowerContext
    from pytest_mlbench.models.operators.layers import Softmax

SOURCES = beside(__file__, "softmax.c")

MANY = 64
"""Fewer values are not worth a table of 1 KiB."""


def lower_softmax(layer: Softmax, _context: LowerContext) -> KernelCall | None:
    """The call for `layer`; None for one of few values."""
    if layer.rows * layer.depth < MANY:
        return None
    return KernelCall(
        kernel="softmax",
        library="tuned",
        function="mlbench_tuned_softmax",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_softmax",
                {
                    "table": Array("int32_t", exponentials(layer), name="exponentials"),
                    "rows": layer.rows,
                    "depth": layer.depth,
                },
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
        ),
        sources=SOURCES,
        in_place=((0, 0),),
    )


def exponentials(layer: Softmax) -> NDArray[np.int32]:
    """exp of minus 0 to 255 stored steps in Q0.31, 0 where the reference kernel counts none."""
    counted = [
        exactly(difference << layer.shift, layer.multiplier, 0)
        for difference in range(0, max(layer.diff_min, -255) - 1, -1)
    ]
    table = np.zeros(256, np.int32)
    table[: len(counted)] = exp_of_negative(np.array(counted, np.int64), 5)
    return table
