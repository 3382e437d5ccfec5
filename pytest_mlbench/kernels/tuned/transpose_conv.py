"""TRANSPOSE_CONV as one convolution for each phase of its output: integer/transpose_conv.c.

Output row y is the sum over filter rows f and input rows i with y = i * stride - padding + f. With
y + padding = stride * q + r, the taps are f = r + stride * t and i = q - t: outputs with one r see
a filter of every stride-th row, in descending order, over neighbouring input rows. Columns alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.isa import Isa
from pytest_mlbench.kernels.interface import (
    KernelCall,
    Null,
    Pointers,
    Scratch,
    Struct,
    TensorRef,
)
from pytest_mlbench.models.operators.layers import Conv2D

from .geometry import HEADER, MOST_SCRATCH
from .integer.conv2d import lower_conv2d
from .moves import SOURCES as MOVES
from .moves import SOURCES_VECTOR as VECTOR_MOVES
from .vext.conv2d import lower_vector_conv2d

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.kernels.interface import Argument, LowerContext
    from pytest_mlbench.models.operators.transpose_conv import TransposeConv

SOURCES = (Path(__file__).parent / "integer" / "transpose_conv.c",)

FIELDS = {
    "struct mlbench_tuned_conv2d": ("conv", "run"),
    "struct mlbench_tuned_vector_conv2d": ("vector_conv", "run_vector"),
    "struct mlbench_tuned_vector_planes_conv2d": ("planes_conv", "run_planes"),
}
"""A convolution's struct -> the fields of struct mlbench_tuned_phase."""


@dataclass(frozen=True)
class _Axis:
    """One phase along one dimension: its outputs `first`, `first` + stride, ...; the taps `start`,
    `start` + stride, ... of the filter; padding in front of the input."""

    first: int
    count: int
    start: int
    taps: int
    padding: int


def lower_transpose_conv(layer: TransposeConv, context: LowerContext) -> KernelCall | None:
    """The call with integer convolutions. Its copies are vectors if the build has vectors."""
    vectors = "vext" in context.features and Isa.parse(context.isa).has("v")
    moves = VECTOR_MOVES if vectors else MOVES
    return _lower(layer, context, "transpose_conv", lower_conv2d, moves)


def lower_vector_transpose_conv(layer: TransposeConv, context: LowerContext) -> KernelCall | None:
    """The call with convolutions on the vector unit."""
    return _lower(layer, context, "vector_transpose_conv", lower_vector_conv2d, VECTOR_MOVES)


def phases(layer: TransposeConv, axis: int) -> list[_Axis] | None:
    """The phases along the rows (0) or columns (1); None if one of them is no convolution: it has
    no taps, begins inside the image or ends beyond it."""
    size, output = layer.input_shape[1 + axis], layer.output_shape[1 + axis]
    stride, padding, window = layer.stride[axis], layer.padding[axis], layer.filter[axis]
    found = []
    for first in range(min(stride, output)):
        q, r = divmod(first + padding, stride)
        taps, count = -(-(window - r) // stride), -(-(output - first) // stride)
        before = taps - 1 - q
        if taps < 1 or before < 0 or count - 1 - before > size - 1:
            return None
        found.append(_Axis(first, count, r, taps, before))
    return found


def _lower(
    layer: TransposeConv,
    context: LowerContext,
    kernel: str,
    lower: Callable[[Conv2D, LowerContext], KernelCall | None],
    moves: tuple[Path, ...],
) -> KernelCall | None:
    rows, columns = phases(layer, 0), phases(layer, 1)
    if layer.weights is None or layer.computed_bias or rows is None or columns is None:
        return None
    calls, structs, most = [], [], 0
    for row, column in product(rows, columns):
        convolution = convolution_of(layer, row, column)
        call = lower(convolution, context)
        if call is None or isinstance(call.scratch, str):
            return None
        calls.append(call)
        structs.append(_phase(layer, call, (row, column), convolution.output_shape))
        most = max(most, prod(convolution.output_shape))
    made = -(-most // 16) * 16
    scratch = made + max(int(call.scratch) for call in calls)
    if scratch > MOST_SCRATCH:
        return None
    _, height, width, channels = layer.output_shape
    return KernelCall(
        kernel=kernel,
        library="tuned",
        function="mlbench_tuned_transpose_conv",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_transpose_conv",
                {
                    "phase": Pointers(tuple(structs), name="phases"),
                    "phases": len(structs),
                    "images": layer.output_shape[0],
                    "channels": channels,
                    "image": height * width * channels,
                    "step": layer.stride[1] * channels,
                    "row_step": layer.stride[0] * width * channels,
                    "made_bytes": made,
                },
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
            Scratch(),
        ),
        sources=tuple(
            dict.fromkeys((*SOURCES, *moves, *(path for call in calls for path in call.sources)))
        ),
        defines=tuple(dict.fromkeys(define for call in calls for define in call.defines)),
        scratch=scratch,
    )


def convolution_of(layer: TransposeConv, row: _Axis, column: _Axis) -> Conv2D:
    """The convolution that computes one phase."""
    assert layer.weights is not None
    picked = [
        np.arange(axis.start, axis.start + axis.taps * stride, stride)[::-1]
        for axis, stride in zip((row, column), layer.stride, strict=True)
    ]
    weights = layer.weights[:, picked[0]][:, :, picked[1]]
    batch, height, width, _ = layer.input_shape
    counts = (row.count, column.count)
    if (row.taps, column.taps, row.padding, column.padding) == (1, 1, 0, 0):
        counts = (height, width)  # kernels of pointwise layers go through the whole image
    return Conv2D(
        index=layer.index,
        kind="CONV_2D",
        inputs=layer.inputs,
        outputs=layer.outputs,
        macs=layer.macs,
        input_shape=layer.input_shape,
        output_shape=(batch, *counts, layer.output_shape[3]),
        stride=(1, 1),
        padding=(row.padding, column.padding),
        activation_min=layer.activation_min,
        activation_max=layer.activation_max,
        weights=np.ascontiguousarray(weights),
        bias=layer.bias,
        dilation=(1, 1),
        input_offset=layer.input_offset,
        output_offset=layer.output_offset,
        multipliers=layer.multipliers,
        shifts=layer.shifts,
    )


def _phase(
    layer: TransposeConv,
    call: KernelCall,
    axes: tuple[_Axis, _Axis],
    made: tuple[int, int, int, int],
) -> Struct:
    row, column = axes
    params = call.arguments[0]
    assert isinstance(params, Struct)
    _, _, width, channels = layer.output_shape
    fields: dict[str, Argument] = {name: Null() for pair in FIELDS.values() for name in pair}
    conv, run = FIELDS[params.ctype]
    fields |= {conv: replace(params, name="convolution"), run: call.function}
    return Struct(
        "struct mlbench_tuned_phase",
        {
            **fields,
            "first": (row.first * width + column.first) * channels,
            "rows": row.count,
            "columns": column.count,
            "made_row": made[2] * channels,
            "made_image": made[1] * made[2] * channels,
        },
        name="phase",
    )
