"""Calls of strided_copy.c, pick.c, split.c, gather.c and space_to_batch.c."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Pointers, Struct, TensorRef
from pytest_mlbench.models.operators.gather import Gather, GatherNd
from pytest_mlbench.models.operators.picked import Pick
from pytest_mlbench.models.operators.space_to_batch import SpaceToBatch
from pytest_mlbench.models.operators.split import Split
from pytest_mlbench.models.operators.strided import StridedCopy

from . import NAME
from .kernel import Kernel, braces, call, inputs, kernel
from .strides import MAX_DIMS, merged, padded

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import Argument

HEADER = "mlbench_moves.h"


def strided_copy(layer: StridedCopy) -> Struct:
    """`struct mlbench_strided_copy`; contiguous innermost elements are copied as one run."""
    sizes, (steps,) = merged(layer.sizes, [layer.steps])
    run = layer.item
    steps = [step * layer.item for step in steps]
    if sizes and steps[-1] == layer.item:
        run *= sizes.pop()
        steps.pop()
    return Struct(
        "struct mlbench_strided_copy",
        {
            "size": braces(padded(sizes, 1, MAX_DIMS)),
            "step": braces(padded(steps, 0, MAX_DIMS)),
            "first": layer.first * layer.item,
            "run": run,
        },
    )


def _pick(layer: Pick) -> KernelCall:
    sizes: list[int] = []
    # The struct holds the tables' addresses: the C initialiser needs a field for each.
    fields: dict[str, Argument] = {}
    tables = [table for table in layer.tables if table.size > 1 or table.any()]
    sizes = padded([table.size for table in tables], 1, MAX_DIMS)
    filled = padded(tables, np.zeros(1, np.int32), MAX_DIMS)
    fields["size"] = braces(sizes)
    for place, table in enumerate(filled):
        fields[f"table[{place}]"] = Array("int32_t", table, name="table")
    fields["run"] = layer.run
    struct = Struct("struct mlbench_pick", fields)
    return call("pick", layer, struct, *inputs(layer), header=HEADER)


def _split(layer: Split) -> KernelCall:
    inner = math.prod(layer.input_shape[layer.axis + 1 :]) * layer.item
    runs = np.array([size * inner for size in layer.sizes], np.int32)
    struct = Struct(
        "struct mlbench_split",
        {
            "row_bytes": Array("int32_t", runs, name="row_bytes"),
            "outputs": len(layer.sizes),
            "rows": math.prod(layer.input_shape[: layer.axis]),
        },
    )
    outputs = Pointers(tuple(TensorRef(index) for index in layer.outputs), name="outputs")
    return KernelCall(
        kernel="split",
        library=NAME,
        function="mlbench_reference_split",
        header=HEADER,
        arguments=(struct, *inputs(layer), outputs),
    )


def gather_nd(layer: GatherNd) -> Struct:
    """`struct mlbench_gather_nd`."""
    return Struct(
        "struct mlbench_gather_nd",
        {
            "count": layer.count,
            "depth": len(layer.sizes),
            "run": layer.run,
            "size": braces(layer.sizes),
            "step": braces(layer.steps),
        },
    )


def space_to_batch(layer: SpaceToBatch) -> Struct:
    """`struct mlbench_space_to_batch`."""
    source, output = (
        (*shape[:3], shape[3] * layer.item) for shape in (layer.input_shape, layer.output_shape)
    )
    return Struct(
        "struct mlbench_space_to_batch",
        {
            "input": braces(source),
            "output": braces(output),
            "block": braces(layer.block),
            "padding": braces(layer.padding),
            "value": layer.value,
        },
    )


KERNELS = (
    kernel(Gather, "gather", header=HEADER),
    kernel(GatherNd, "gather_nd", "gather.c", params=gather_nd, header=HEADER),
    kernel(SpaceToBatch, "space_to_batch", params=space_to_batch, header=HEADER),
    kernel(StridedCopy, "strided_copy", params=strided_copy, header=HEADER),
    Kernel(Pick, {"pick": "pick.c"}, _pick),
    Kernel(Split, {"split": "split.c"}, _split),
)
