"""Calls of softmax.c, lookup.c, rescale.c and leaky_relu.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.models.operators import layers
from pytest_mlbench.models.operators.activation import LeakyRelu

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


KERNELS = (
    kernel(LeakyRelu, "leaky_relu", in_place=True, header="mlbench_activation.h"),
    kernel(layers.Softmax, "softmax", in_place=True),
    kernel(layers.Lookup, "lookup", in_place=True),
    Kernel(layers.Rescale, dict.fromkeys(_RESCALE.values(), "rescale.c"), _rescale),
)
