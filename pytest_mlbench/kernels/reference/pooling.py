"""Calls of pool2d.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import Struct
from pytest_mlbench.models.operators import layers

from .kernel import Kernel, bounds, braces, call, inputs

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall


def pool2d(layer: layers.Pool2D) -> Struct:
    """`struct mlbench_pool2d`."""
    return Struct(
        "struct mlbench_pool2d",
        {
            "input": braces(layer.input_shape),
            "output": braces(layer.output_shape),
            "filter": braces(layer.filter),
            "stride": braces(layer.stride),
            "padding": braces(layer.padding),
            **bounds(layer),
        },
    )


def _call(layer: layers.Pool2D) -> KernelCall:
    kernel = "average_pool2d" if layer.kind == "AVERAGE_POOL_2D" else "max_pool2d"
    return call(kernel, layer, pool2d(layer), *inputs(layer))


KERNELS = (Kernel(layers.Pool2D, {"average_pool2d": "pool2d.c", "max_pool2d": "pool2d.c"}, _call),)
