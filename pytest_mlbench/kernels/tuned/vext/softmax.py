"""SOFTMAX for V 1.0: vector_softmax.S."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import KernelCall, Struct, TensorRef
from pytest_mlbench.kernels.tuned.geometry import HEADER, beside

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import LowerContext
    from pytest_mlbench.models.operators.layers import Softmax

SOURCES = beside(__file__, "vector_softmax.S", "portable_softmax.c")


def lower_vector_softmax(layer: Softmax, _context: LowerContext) -> KernelCall:
    """The call for `layer`."""
    names = ("rows", "depth", "multiplier", "shift", "diff_min")
    return KernelCall(
        kernel="vector_softmax",
        library="tuned",
        function="mlbench_tuned_vector_softmax",
        header=HEADER,
        arguments=(
            Struct("struct mlbench_tuned_softmax", {n: getattr(layer, n) for n in names}),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
        ),
        sources=SOURCES,
        in_place=((0, 0),),
    )
