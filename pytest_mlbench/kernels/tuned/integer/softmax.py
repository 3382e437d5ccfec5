"""SOFTMAX with exponentials computed once or taken from a table: softmax.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Scratch, Struct, TensorRef
from pytest_mlbench.kernels.tuned.geometry import HEADER, beside
from pytest_mlbench.kernels.tuned.requantise.fixed_point import exactly
from pytest_mlbench.models.operators.fixed_point import exp_of_negative

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.kernels.interface import Argument, LowerContext
    from pytest_mlbench.models.operators.layers import Softmax

SOURCES = beside(__file__, "softmax.c")

MANY = 64
"""With fewer values, a table of 1 KiB does not pay off."""


def lower_softmax(layer: Softmax, _context: LowerContext) -> KernelCall:
    """The call for `layer`; with a table if there are many values."""
    fields: dict[str, Argument]
    if layer.rows * layer.depth < MANY:
        kernel = "softmax"
        fields = softmax_fields(layer)
    else:
        kernel = "softmax_table"
        fields = {"table": Array("int32_t", exponentials(layer), name="exponentials")}
        fields |= {"rows": layer.rows, "depth": layer.depth}
    return KernelCall(
        kernel=kernel,
        library="tuned",
        function=f"mlbench_tuned_{kernel}",
        header=HEADER,
        arguments=(
            Struct(f"struct mlbench_tuned_{kernel}", fields),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
            Scratch(),
        ),
        scratch=4 * layer.depth,
        sources=SOURCES,
        in_place=((0, 0),),
    )


def softmax_fields(layer: Softmax) -> dict[str, Argument]:
    """struct mlbench_tuned_softmax."""
    names = ("rows", "depth", "multiplier", "shift", "diff_min")
    return {name: getattr(layer, name) for name in names}


def exponentials(layer: Softmax) -> NDArray[np.int32]:
    """exp of -0 to -255 stored steps in Q0.31; 0 where the reference kernel uses 0."""
    counted = [
        exactly(difference << layer.shift, layer.multiplier, 0)
        for difference in range(0, max(layer.diff_min, -255) - 1, -1)
    ]
    table = np.zeros(256, np.int32)
    table[: len(counted)] = exp_of_negative(np.array(counted, np.int64), 5)
    return table
