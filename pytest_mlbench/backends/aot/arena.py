"""The arena as rows for `Record.arena`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mlbench.models.tflite.graph import Graph

    from .memory_plan.arrange import Memory


def arena_rows(graph: Graph, memory: Memory) -> Iterator[dict[str, Any]]:
    """Rows for `Record.arena`; each buffer is named after the operator that writes it."""
    names = {index: f"input {number}" for number, index in enumerate(graph.inputs)}
    for operator in graph.operators:
        names |= dict.fromkeys(operator.outputs, f"{operator.index} {operator.kind}")
    for block in memory.blocks:
        if block.kind == "tensor":
            name = ", ".join(names.get(index, f"tensor {index}") for index in block.tensors)
        else:
            name = f"{block.kind} of {block.operator} {graph.operators[block.operator].kind}"
        yield {
            "name": name,
            "kind": block.kind,
            "offset": block.offset,
            "size": block.size,
            "first": block.first,
            "last": block.last,
        }
