"""How large the indices may be that a model's input holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .tflite.graph import Graph, Operator


def index_bound(graph: Graph, tensor: int) -> int | None:
    """The number of entries that the indices in `tensor` choose from; None if it holds no indices.

    It is the least of the tables that GATHER, GATHER_ND and EMBEDDING_LOOKUP read with it.
    """
    sizes = [
        size
        for operator in graph.operators
        for place, input_index in enumerate(operator.inputs)
        if input_index == tensor
        for size in _indexed(graph, operator, place)
    ]
    return min((size for size in sizes if size > 0), default=None)


def _indexed(graph: Graph, operator: Operator, place: int) -> Iterator[int]:
    """The sizes of the table's dimensions that the input at `place` indexes."""
    if len(operator.inputs) < 2 or min(operator.inputs[:2]) < 0:
        return
    first, second = (graph.tensors[index].shape for index in operator.inputs[:2])
    if operator.kind == "EMBEDDING_LOOKUP" and place == 0:
        yield from second[:1]
    elif operator.kind == "GATHER" and place == 1 and first:
        axis = operator.options.get("axis", 0)
        yield from first[axis:][:1] if axis >= -len(first) else ()
    elif operator.kind == "GATHER_ND" and place == 1 and second:
        yield from first[: second[-1]]
