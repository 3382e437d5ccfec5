"""Calls of resize_bilinear.c and transpose_conv.c."""

from __future__ import annotations

from pytest_mlbench.kernels.interface import Struct
from pytest_mlbench.models.operators.resize import ResizeBilinear
from pytest_mlbench.models.operators.transpose_conv import TransposeConv

from .kernel import braces, kernel, struct

HEADER = "mlbench_images.h"


def resize_bilinear(layer: ResizeBilinear) -> Struct:
    """`struct mlbench_resize_bilinear`."""
    made = struct(layer, "resize_bilinear", "input_shape", "output_shape")
    return _with_shapes(layer, made)


def transpose_conv(layer: TransposeConv) -> Struct:
    """`struct mlbench_transpose_conv`."""
    made = struct(layer, "transpose_conv", "input_shape", "output_shape")
    filled = Struct(made.ctype, {"filter": braces(layer.weights.shape[1:3]), **made.fields})
    return _with_shapes(layer, filled)


def _with_shapes(layer: ResizeBilinear | TransposeConv, made: Struct) -> Struct:
    shapes = {"input": braces(layer.input_shape), "output": braces(layer.output_shape)}
    return Struct(made.ctype, {**shapes, **made.fields})


KERNELS = (
    kernel(ResizeBilinear, "resize_bilinear", params=resize_bilinear, header=HEADER),
    kernel(TransposeConv, "transpose_conv", params=transpose_conv, header=HEADER),
)
