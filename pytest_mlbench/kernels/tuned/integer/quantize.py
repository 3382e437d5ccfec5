"""QUANTIZE of float32: quantize.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.isa import Isa
from pytest_mlbench.kernels.interface import KernelCall, Struct, TensorRef
from pytest_mlbench.kernels.tuned.geometry import HEADER, beside

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import LowerContext
    from pytest_mlbench.models.operators.layers import Affine

SOURCES = beside(__file__, "quantize.c")


def lower_quantize(layer: Affine, context: LowerContext) -> KernelCall | None:
    """The call for `layer`; None without the F extension, and for uint8."""
    if layer.dtype != "int8" or not Isa.parse(context.isa).has("f"):
        return None
    return KernelCall(
        kernel="quantize",
        library="tuned",
        function="mlbench_tuned_quantize",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_quantize",
                {"count": layer.count, "zero_point": layer.zero_point, "scale": layer.scale},
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
        ),
        sources=SOURCES,
        in_place=((0, 0),),
    )
