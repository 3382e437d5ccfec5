"""Calls of resize_bilinear.c and transpose_conv.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import Struct, TensorRef
from pytest_mlbench.models.operators.resize import ResizeBilinear
from pytest_mlbench.models.operators.transpose_conv import TransposeConv

from .kernel import Kernel, call, kernel, struct, weighted_struct, with_images

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall

HEADER = "mlbench_images.h"


def resize_bilinear(layer: ResizeBilinear) -> Struct:
    """`struct mlbench_resize_bilinear`."""
    made = struct(layer, "resize_bilinear", "input_shape", "output_shape")
    return with_images(layer, made)


def _transpose_conv(layer: TransposeConv) -> KernelCall:
    """`struct mlbench_transpose_conv`, which holds the weights' address."""
    made = weighted_struct(layer, "transpose_conv", "input_shape", "output_shape")
    source = TensorRef(layer.inputs[0])
    return call("transpose_conv", layer, with_images(layer, made), source, header=HEADER)


KERNELS = (
    kernel(ResizeBilinear, "resize_bilinear", params=resize_bilinear, header=HEADER),
    Kernel(TransposeConv, {"transpose_conv": "transpose_conv.c"}, _transpose_conv),
)
