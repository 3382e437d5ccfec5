"""Calls of softmax.c, lookup.c, rescale.c, leaky_relu.c, prelu.c and l2_normalization.c."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import Struct
from pytest_mlbench.models.operators import layers
from pytest_mlbench.models.operators.activation import LeakyRelu, Prelu, Prelu16
from pytest_mlbench.models.operators.normalise import L2Normalization

from .elementwise import broadcast
from .kernel import FIRST, Kernel, call, inputs, kernel, struct

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall

_RESCALE = {
    ("int8", "int8"): "rescale",
    ("uint8", "int8"): "rescale_from_uint8",
    ("int8", "uint8"): "rescale_to_uint8",
}


def _rescale(layer: layers.Rescale) -> KernelCall:
    name = _RESCALE[layer.input_dtype, layer.output_dtype]
    return call(name, layer, struct(layer, "rescale"), *inputs(layer), in_place=FIRST)


def prelu(layer: Prelu) -> Struct:
    """`struct mlbench_prelu`."""
    made = struct(layer, "prelu", "input_shape", "alpha_shape", "output_shape")
    walk = broadcast(layer.output_shape, layer.input_shape, layer.alpha_shape)
    count = math.prod(layer.output_shape)
    return Struct(made.ctype, {"broadcast": walk, "count": count, **made.fields})


HEADER = "mlbench_activation.h"

KERNELS = (
    kernel(Prelu, "prelu", params=prelu, in_place=True, header=HEADER),
    kernel(Prelu16, "prelu_int16", "prelu.c", params=prelu, in_place=True, header=HEADER),
    kernel(L2Normalization, "l2_normalization", in_place=True, header=HEADER),
    kernel(LeakyRelu, "leaky_relu", in_place=True, header=HEADER),
    kernel(layers.Softmax, "softmax", in_place=True),
    kernel(layers.Lookup, "lookup", in_place=True),
    Kernel(layers.Rescale, dict.fromkeys(_RESCALE.values(), "rescale.c"), _rescale),
)
