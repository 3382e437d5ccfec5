"""The call of fully_connected.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import Struct
from pytest_mlbench.models.operators import layers

from .kernel import Kernel, bounds, call, inputs, int8_weights, words

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import Argument, KernelCall


def fully_connected(layer: layers.FullyConnected) -> Struct:
    """`struct mlbench_fully_connected`; the weights are a separate argument."""
    return Struct(
        "struct mlbench_fully_connected",
        {
            "bias": words(layer.bias, "bias"),
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


def _call(layer: layers.FullyConnected) -> KernelCall:
    weights: tuple[Argument, ...] = ()
    if layer.weights is not None:
        weights = (int8_weights(layer.weights),)
    return call("fully_connected", layer, fully_connected(layer), *inputs(layer), *weights)


KERNELS = (Kernel(layers.FullyConnected, {"fully_connected": "fully_connected.c"}, _call),)
