"""Calls of kernels that move values without using them: pad.c and concatenation.c."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, Pointers, Struct
from pytest_mlbench.models.operators import layers
from pytest_mlbench.models.operators.pad import PadItems

from .kernel import Kernel, braces, call, inputs, kernel
from .strides import pad_steps

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall


def pad(layer: layers.Pad) -> Struct:
    """`struct mlbench_pad`."""
    sizes, steps, first = pad_steps(layer.input_shape, layer.output_shape, layer.before)
    return Struct(
        "struct mlbench_pad",
        {
            "size": braces(sizes),
            "output_step": braces(steps),
            "first": first,
            "output_bytes": math.prod(layer.output_shape),
            "value": layer.value,
        },
    )


def concatenation(layer: layers.Concatenation) -> Struct:
    """`struct mlbench_concatenation`."""
    runs = [math.prod(shape[layer.axis :]) * layer.item for shape in layer.input_shapes]
    return Struct(
        "struct mlbench_concatenation",
        {
            "row_bytes": Array("int32_t", np.array(runs, np.int32), name="row_bytes"),
            "inputs": len(runs),
            "rows": math.prod(layer.output_shape[: layer.axis]),
        },
    )


def _concatenation(layer: layers.Concatenation) -> KernelCall:
    sources = Pointers(inputs(layer), name="inputs")
    return call("concatenation", layer, concatenation(layer), sources)


def pad_items(layer: PadItems) -> Struct:
    """`struct mlbench_pad_items`: all in bytes."""
    value = np.array(layer.value, layer.dtype)
    item = value.itemsize
    sizes, steps, first = pad_steps(layer.input_shape, layer.output_shape, layer.before)
    sizes[-1] *= item
    steps = [*(step * item for step in steps[:-1]), 1]
    room = math.prod(layer.output_shape) * item
    stored = value.astype(value.dtype.newbyteorder("<")).tobytes()
    return Struct(
        "struct mlbench_pad_items",
        {
            "pad": braces((tuple(sizes), tuple(steps), first * item, room, 0)),
            "item": item,
            "value": braces(stored),
        },
    )


KERNELS = (
    kernel(layers.Pad, "pad", params=pad),
    kernel(PadItems, "pad_items", params=pad_items, header="mlbench_moves.h"),
    Kernel(layers.Concatenation, {"concatenation": "concatenation.c"}, _concatenation),
)
