"""Calls of the int16x8 kernels: the files whose names end in _int16.c."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pytest_mlbench.kernels.interface import Array, Struct
from pytest_mlbench.models.operators.activation import LeakyRelu16
from pytest_mlbench.models.operators.batch_matmul import BatchMatmul16
from pytest_mlbench.models.operators.int16.elementwise import Elementwise16
from pytest_mlbench.models.operators.int16.scale import Affine16, Curve16, Rescale16, Unary16
from pytest_mlbench.models.operators.int16.weighted import Convolution16, FullyConnected16
from pytest_mlbench.models.operators.pooling import Pool16
from pytest_mlbench.models.operators.reduction import Mean16
from pytest_mlbench.models.operators.sigmoid16 import TABLE
from pytest_mlbench.models.operators.transpose_conv import TransposeConv16

from .elementwise import broadcast
from .kernel import Kernel, call, inputs, struct, weighted_struct, with_images
from .pairs import HEADER as PAIRS
from .pairs import batch_matmul
from .reduction import mean

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.kernels.interface import KernelCall
    from pytest_mlbench.models.operators.layers import Layer

HEADER = "mlbench_int16.h"


def convolution(layer: Convolution16) -> Struct:
    """`struct mlbench_convolution_int16`."""
    made = weighted_struct(layer, "convolution_int16", "input_shape", "output_shape")
    return with_images(layer, made)


def transpose_conv(layer: TransposeConv16) -> Struct:
    """`struct mlbench_transpose_conv_int16`."""
    made = weighted_struct(layer, "transpose_conv_int16", "input_shape", "output_shape")
    return with_images(layer, made)


def fully_connected(layer: FullyConnected16) -> Struct:
    """`struct mlbench_fully_connected_int16`."""
    made = weighted_struct(layer, "fully_connected_int16", "input_offset", "output_offset")
    return Struct(made.ctype, {"per_channel": int(layer.multipliers.size > 1), **made.fields})


def pool(layer: Pool16) -> Struct:
    """`struct mlbench_pool2d`."""
    return with_images(layer, struct(layer, "pool2d", "input_shape", "output_shape"))


def elementwise(layer: Elementwise16) -> Struct:
    """`struct mlbench_elementwise_int16`."""
    made = struct(layer, "elementwise_int16", "left_shape", "right_shape", "output_shape")
    walk = broadcast(layer.output_shape, layer.left_shape, layer.right_shape)
    count = math.prod(layer.output_shape)
    return Struct(made.ctype, {"broadcast": walk, "count": count, **made.fields})


def curve(layer: Curve16) -> Struct:
    """`struct mlbench_curve_int16`."""
    made = struct(layer, "curve_int16")
    return Struct(made.ctype, {"table": Array("uint16_t", TABLE, name="sigmoid"), **made.fields})


def _named(name: str) -> Callable[[Layer], Struct]:
    """A struct of the layer's own fields."""
    return lambda layer: struct(layer, name)


_NAMES = {
    "AVERAGE_POOL_2D": "average_pool2d",
    "CONV_2D": "conv2d",
    "DEPTHWISE_CONV_2D": "depthwise_conv2d",
    "MAX_POOL_2D": "max_pool2d",
    "SUM": "mean",
}


def _kernel(
    layer: type[Layer],
    params: Callable[[Any], Struct],
    source: str,
    *kinds: str,
    header: str = HEADER,
) -> Kernel:
    """Registers a kernel for the operators `kinds`; it has the operator's name.

    Computed weights are in the struct, so only the first input is an argument.
    """
    names = {kind: _NAMES.get(kind, kind.lower()) + "_int16" for kind in kinds}

    def call_of(layer: Layer) -> KernelCall:
        name = names[layer.kind]
        arguments = inputs(layer)[:1] if hasattr(layer, "weights") else inputs(layer)
        return call(name, layer, params(layer), *arguments, header=header)

    return Kernel(layer, dict.fromkeys(names.values(), source), call_of)


_RESCALE = {
    ("int16", "int16"): "rescale_int16",
    ("int16", "int8"): "rescale_int16_to_int8",
    ("int8", "int16"): "rescale_int8_to_int16",
    ("int32", "int16"): "rescale_int32_to_int16",
    ("int32", "int8"): "rescale_int32_to_int8",
}


def _rescale(layer: Rescale16) -> KernelCall:
    name = _RESCALE[layer.input_dtype, layer.output_dtype]
    return call(name, layer, struct(layer, "rescale"), *inputs(layer), header=HEADER)


KERNELS = (
    _kernel(Convolution16, convolution, "weighted_int16.c", "CONV_2D", "DEPTHWISE_CONV_2D"),
    _kernel(FullyConnected16, fully_connected, "weighted_int16.c", "FULLY_CONNECTED"),
    _kernel(TransposeConv16, transpose_conv, "transpose_conv_int16.c", "TRANSPOSE_CONV"),
    _kernel(Pool16, pool, "pool2d_int16.c", "AVERAGE_POOL_2D", "MAX_POOL_2D"),
    _kernel(Elementwise16, elementwise, "elementwise_int16.c", "ADD", "SUB", "MUL"),
    _kernel(BatchMatmul16, batch_matmul, "batch_matmul_int16.c", "BATCH_MATMUL", header=PAIRS),
    _kernel(Mean16, mean, "reduce_int16.c", "MEAN", "SUM"),
    _kernel(LeakyRelu16, _named("leaky_relu"), "activation_int16.c", "LEAKY_RELU"),
    _kernel(Unary16, _named("unary_int16"), "activation_int16.c", "ABS", "RSQRT"),
    _kernel(Curve16, curve, "scale_int16.c", "LOGISTIC", "TANH"),
    _kernel(Affine16, _named("affine_int16"), "scale_int16.c", "QUANTIZE", "DEQUANTIZE"),
    Kernel(Rescale16, dict.fromkeys(_RESCALE.values(), "scale_int16.c"), _rescale),
)
