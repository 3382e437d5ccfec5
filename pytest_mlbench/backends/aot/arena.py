"""The arena as rows for `Record.arena`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mlbench.models.tflite.graph import Graph

    from .memory_plan.arrange import Memory


def arena_rows(whole: Graph, graph: Graph, memory: Memory) -> Iterator[dict[str, Any]]:
    """Rows for `Record.arena`; each buffer is named after the operator that writes it.

    `graph` may have several operators with the index of one of `whole`, the model (see
    `passes/bands.py`). Names are those of the model; steps are those of `graph`.
    """

    def named(index: int) -> str:
        return f"{index} {whole.operators[index].kind}"

    names = {index: f"input {number}" for number, index in enumerate(graph.inputs)}
    for operator in graph.operators:
        names |= dict.fromkeys(operator.outputs, named(operator.index))
    for block in memory.blocks:
        if block.kind == "tensor":
            held = [names.get(index, f"tensor {index}") for index in block.tensors]
            name = ", ".join(dict.fromkeys(held))
        else:
            name = f"{block.kind} of {named(graph.operators[block.operator].index)}"
        yield {
            "name": name,
            "kind": block.kind,
            "offset": block.offset,
            "size": block.size,
            "first": block.first,
            "last": block.last,
        }
