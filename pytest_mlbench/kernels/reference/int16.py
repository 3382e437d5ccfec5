"""Calls of the int16x8 kernels: weighted_int16.c, pool2d_int16.c, elementwise_int16.c and
scale_int16.c."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pytest_mlbench.kernels.interface import Array, Struct
from pytest_mlbench.models.operators import int16
from pytest_mlbench.models.operators.sigmoid16 import TABLE

from .elementwise import broadcast
from .kernel import Kernel, braces, call, inputs, struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.kernels.interface import KernelCall
    from pytest_mlbench.models.operators.layers import Layer

HEADER = "mlbench_int16.h"


def _with_shapes(layer: Any, made: Struct) -> Struct:
    shapes = {"input": braces(layer.input_shape), "output": braces(layer.output_shape)}
    return Struct(made.ctype, {**shapes, **made.fields})


def convolution(layer: int16.Convolution16) -> Struct:
    """`struct mlbench_convolution_int16`."""
    made = struct(layer, "convolution_int16", "input_shape", "output_shape")
    return _with_shapes(layer, made)


def fully_connected(layer: int16.FullyConnected16) -> Struct:
    """`struct mlbench_fully_connected_int16`."""
    made = struct(layer, "fully_connected_int16")
    return Struct(made.ctype, {"per_channel": int(layer.multipliers.size > 1), **made.fields})


def pool(layer: int16.Pool16) -> Struct:
    """`struct mlbench_pool2d`."""
    return _with_shapes(layer, struct(layer, "pool2d", "input_shape", "output_shape"))


def elementwise(layer: int16.Elementwise16) -> Struct:
    """`struct mlbench_elementwise_int16`."""
    made = struct(layer, "elementwise_int16", "left_shape", "right_shape", "output_shape")
    walk = broadcast(layer.output_shape, layer.left_shape, layer.right_shape)
    count = math.prod(layer.output_shape)
    return Struct(made.ctype, {"broadcast": walk, "count": count, **made.fields})


def curve(layer: int16.Curve16) -> Struct:
    """`struct mlbench_curve_int16`."""
    made = struct(layer, "curve_int16")
    return Struct(made.ctype, {"table": Array("uint16_t", TABLE, name="sigmoid"), **made.fields})


def rescale(layer: int16.Rescale16) -> Struct:
    """`struct mlbench_rescale`."""
    return struct(layer, "rescale")


def affine(layer: int16.Affine16) -> Struct:
    """`struct mlbench_affine_int16`."""
    return struct(layer, "affine_int16")


def _kernel(
    layer: type[Layer], params: Callable[[Any], Struct], source: str, *kinds: str
) -> Kernel:
    """Registers a kernel for the operators `kinds`; it has the operator's name."""
    names = {kind: _NAMES.get(kind, kind.lower()) + "_int16" for kind in kinds}

    def call_of(layer: Layer) -> KernelCall:
        name = names[layer.kind]
        return call(name, layer, params(layer), *inputs(layer), header=HEADER)

    return Kernel(layer, dict.fromkeys(names.values(), source), call_of)


_NAMES = {
    "AVERAGE_POOL_2D": "average_pool2d",
    "CONV_2D": "conv2d",
    "DEPTHWISE_CONV_2D": "depthwise_conv2d",
    "MAX_POOL_2D": "max_pool2d",
}

_RESCALE = {
    ("int16", "int16"): "rescale_int16",
    ("int16", "int8"): "rescale_int16_to_int8",
    ("int8", "int16"): "rescale_int8_to_int16",
}


def _rescale(layer: int16.Rescale16) -> KernelCall:
    name = _RESCALE[layer.input_dtype, layer.output_dtype]
    return call(name, layer, rescale(layer), *inputs(layer), header=HEADER)


KERNELS = (
    _kernel(int16.Convolution16, convolution, "weighted_int16.c", "CONV_2D", "DEPTHWISE_CONV_2D"),
    _kernel(int16.FullyConnected16, fully_connected, "weighted_int16.c", "FULLY_CONNECTED"),
    _kernel(int16.Pool16, pool, "pool2d_int16.c", "AVERAGE_POOL_2D", "MAX_POOL_2D"),
    _kernel(int16.Elementwise16, elementwise, "elementwise_int16.c", "ADD", "SUB", "MUL"),
    _kernel(int16.Curve16, curve, "scale_int16.c", "LOGISTIC", "TANH"),
    _kernel(int16.Affine16, affine, "scale_int16.c", "QUANTIZE", "DEQUANTIZE"),
    Kernel(int16.Rescale16, dict.fromkeys(_RESCALE.values(), "scale_int16.c"), _rescale),
)
