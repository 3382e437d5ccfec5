"""Calls of elementwise.c."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import Null, Struct
from pytest_mlbench.models.operators import layers

from .kernel import Kernel, bounds, braces, call, inputs
from .strides import broadcast_steps

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall


def elementwise(layer: layers.Elementwise) -> Struct:
    """`struct mlbench_elementwise`, with sizes and steps if an operand is broadcast."""
    return Struct(
        "struct mlbench_elementwise",
        {
            "broadcast": broadcast(layer.output_shape, layer.left.shape, layer.right.shape),
            "count": math.prod(layer.output_shape),
            "left_shift": layer.left_shift,
            "left_offset": layer.left.offset,
            "left_multiplier": layer.left.multiplier,
            "left_requantise_shift": layer.left.shift,
            "right_offset": layer.right.offset,
            "right_multiplier": layer.right.multiplier,
            "right_requantise_shift": layer.right.shift,
            "output_offset": layer.output_offset,
            "output_multiplier": layer.output_multiplier,
            "output_shift": layer.output_shift,
            **bounds(layer),
        },
    )


def broadcast(
    output: tuple[int, ...], left: tuple[int, ...], right: tuple[int, ...]
) -> Struct | Null:
    """`struct mlbench_broadcast` of two operands; null if both have the output's shape."""
    if left == right == output:
        return Null()
    sizes, left_step, right_step = broadcast_steps(output, left, right)
    return Struct(
        "struct mlbench_broadcast",
        {
            "size": braces(sizes),
            "left_step": braces(left_step),
            "right_step": braces(right_step),
        },
        name="broadcast",
    )


def _call(layer: layers.Elementwise) -> KernelCall:
    full = tuple(
        (position, 0)
        for position, operand in enumerate((layer.left, layer.right))
        if operand.shape == layer.output_shape
    )
    return call(layer.kind.lower(), layer, elementwise(layer), *inputs(layer), in_place=full)


_KINDS = ("add", "sub", "mul", "maximum", "minimum")

KERNELS = (Kernel(layers.Elementwise, dict.fromkeys(_KINDS, "elementwise.c"), _call),)
