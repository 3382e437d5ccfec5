"""The minimum number of bytes that each operator must move. Pure.

An operator's bytes are those of its inputs, constants and outputs, each counted once: what a kernel
with a perfect cache would move. They depend only on the model, not on backend or kernel, and are
the denominator of operational intensity (S. Williams et al., "Roofline", CACM 52(4), 2009,
section 3).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_mlbench.backends.interface import Generated
    from pytest_mlbench.models.tflite.graph import Graph, Operator


def operator_bytes(graph: Graph, operator: Operator) -> int:
    """The bytes of the tensors that `operator` reads or writes, each once."""
    tensors = {index for index in (*operator.inputs, *operator.outputs) if index >= 0}
    return sum(graph.tensors[index].bytes for index in tensors)


def with_bytes(generated: Generated, graph: Graph) -> Generated:
    """`generated`, with the field `bytes` added to the rows of the graph's operators.

    A row belongs to the operator with the same index and kind.
    """
    sizes = {(each.index, each.kind): operator_bytes(graph, each) for each in graph.operators}
    rows = tuple(
        {**row, "bytes": sizes[key]}
        if (key := (row.get("index", -1), row.get("name", ""))) in sizes
        else row
        for row in generated.operators
    )
    return replace(generated, operators=rows)
