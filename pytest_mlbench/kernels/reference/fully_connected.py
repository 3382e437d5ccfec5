"""The call of fully_connected.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import Struct, TensorRef
from pytest_mlbench.models.operators import layers

from .kernel import Kernel, bounds, call, int8_weights, words

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import Argument, KernelCall


def fully_connected(layer: layers.FullyConnected | layers.BiasComputed) -> Struct:
    """`struct mlbench_fully_connected`; the weights are a separate argument."""
    bias: Argument
    if isinstance(layer, layers.BiasComputed):
        bias = TensorRef(layer.inputs[-1])
    else:
        bias = words(layer.bias, "bias")
    return Struct(
        "struct mlbench_fully_connected",
        {
            "bias": bias,
            "multipliers": words(layer.multipliers, "multipliers"),
            "shifts": words(layer.shifts, "shifts"),
            "per_channel": int(layer.multipliers.size > 1),
            "batches": layer.batches,
            "input_features": layer.in_features,
            "output_features": layer.out_features,
            "input_offset": layer.input_offset,
            "weights_offset": layer.weights_offset,
            "output_offset": layer.output_offset,
            **bounds(layer),
        },
    )


def _call(layer: layers.FullyConnected | layers.BiasComputed) -> KernelCall:
    stored = layer.weights
    weights = TensorRef(layer.inputs[1]) if stored is None else int8_weights(stored)
    source = TensorRef(layer.inputs[0])
    return call("fully_connected", layer, fully_connected(layer), source, weights)


_SOURCES = {"fully_connected": "fully_connected.c"}

KERNELS = (
    Kernel(layers.FullyConnected, _SOURCES, _call),
    Kernel(layers.BiasComputed, _SOURCES, _call),
)
