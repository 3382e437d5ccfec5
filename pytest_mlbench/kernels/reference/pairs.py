"""Calls of pairwise.c, ordered.c, select.c, cast.c and batch_matmul.c."""

from __future__ import annotations

import math

from pytest_mlbench.kernels.interface import KernelCall, Struct
from pytest_mlbench.models.operators.batch_matmul import MAX_BATCH_RANK, BatchMatmul
from pytest_mlbench.models.operators.choice import CAST, Cast, Select
from pytest_mlbench.models.operators.comparison import Ordered
from pytest_mlbench.models.operators.pairwise import Pairwise

from .elementwise import broadcast
from .kernel import Kernel, braces, call, inputs, kernel
from .strides import MAX_DIMS, merged, padded, strides

HEADER = "mlbench_pairs.h"

_TYPES = {name: place for place, name in enumerate(CAST)}


def bound(value: int) -> int | str:
    """A bound of int32: C has no literal for the least one."""
    return "INT32_MIN" if value == -(1 << 31) else value


def pairwise(layer: Pairwise) -> Struct:
    """`struct mlbench_pairwise`."""
    return Struct(
        "struct mlbench_pairwise",
        {
            "broadcast": broadcast(layer.output_shape, layer.left.shape, layer.right.shape),
            "count": math.prod(layer.output_shape),
            "operation": layer.operation,
            "input_type": _TYPES[layer.input_dtype],
            "output_type": _TYPES[layer.output_dtype],
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
            "activation_min": bound(layer.activation_min),
            "activation_max": layer.activation_max,
        },
    )


def _ordered(layer: Ordered) -> KernelCall:
    walk = broadcast(layer.output_shape, layer.left_shape, layer.right_shape)
    count = math.prod(layer.output_shape)
    made = Struct(
        "struct mlbench_ordered",
        {"broadcast": walk, "count": count, "operation": layer.operation},
    )
    name = "extreme" if layer.kind in ("MAXIMUM", "MINIMUM") else "compare"
    return call(f"{name}_{layer.dtype}", layer, made, *inputs(layer), header=HEADER)


_ORDERED = ("compare_int64", "compare_float32", "extreme_int64")


def _steps(shape: tuple[int, ...], rank: int) -> list[int]:
    """Elements per step in each of `rank` dimensions; 0 for a dimension that is broadcast."""
    full = [1] * (rank - len(shape)) + list(shape)
    return [0 if size == 1 else step for size, step in zip(full, strides(full), strict=True)]


def select(layer: Select) -> Struct:
    """`struct mlbench_select`."""
    rows = [_steps(shape, len(layer.output_shape)) for shape in layer.shapes]
    sizes, steps = merged(layer.output_shape, rows)
    names = ("condition_step", "left_step", "right_step")
    return Struct(
        "struct mlbench_select",
        {
            "size": braces(padded(sizes, 1, MAX_DIMS)),
            **{
                name: braces(padded(row, 0, MAX_DIMS))
                for name, row in zip(names, steps, strict=True)
            },
            "item": layer.item,
        },
    )


def cast(layer: Cast) -> Struct:
    """`struct mlbench_cast`."""
    return Struct(
        "struct mlbench_cast",
        {
            "count": layer.count,
            "source": _TYPES[layer.source],
            "target": _TYPES[layer.target],
        },
    )


def batch_matmul(layer: BatchMatmul) -> Struct:
    """`struct mlbench_batch_matmul`."""
    rank = len(layer.output_shape)
    left, right = _steps(layer.left_shape, rank), _steps(layer.right_shape, rank)
    rows, columns = layer.output_shape[-2:]
    # Inside a matrix nothing is broadcast, so a dimension of size 1 keeps its step.
    left[-2:] = strides(layer.left_shape)[-2:]
    right[-2:] = strides(layer.right_shape)[-2:]
    if layer.left_adjoint:
        left[-2:] = left[-1], left[-2]
    if layer.right_adjoint:
        right[-2:] = right[-1], right[-2]
    return Struct(
        "struct mlbench_batch_matmul",
        {
            "size": braces(padded(layer.output_shape[:-2], 1, MAX_BATCH_RANK)),
            "left_step": braces(padded(left[:-2], 0, MAX_BATCH_RANK)),
            "right_step": braces(padded(right[:-2], 0, MAX_BATCH_RANK)),
            "rows": rows,
            "columns": columns,
            "depth": layer.depth,
            "left_row_step": left[-2],
            "left_depth_step": left[-1],
            "right_depth_step": right[-2],
            "right_column_step": right[-1],
            "left_offset": layer.left_offset,
            "right_offset": layer.right_offset,
            "output_offset": layer.output_offset,
            "multiplier": layer.multiplier,
            "shift": layer.shift,
        },
    )


KERNELS = (
    kernel(BatchMatmul, "batch_matmul", params=batch_matmul, header=HEADER),
    kernel(Cast, "cast", params=cast, header=HEADER),
    Kernel(Ordered, dict.fromkeys(_ORDERED, "ordered.c"), _ordered),
    kernel(Pairwise, "pairwise", params=pairwise, header=HEADER),
    kernel(Select, "select", params=select, header=HEADER),
)
