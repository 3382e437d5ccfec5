"""Checks a graph's consistency: indices in range, nothing read before it is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .tensors import label

if TYPE_CHECKING:
    from .flat import Source
    from .graph import Graph

ABSENT = -1
"""The index of an absent optional input."""


def check(graph: Graph, source: Source) -> None:
    """Raises UsageError for a graph whose references are out of range, cyclic or ambiguous."""
    if not graph.inputs or not graph.outputs or not graph.operators:
        raise source.refuse(
            f"{len(graph.inputs)} inputs, {len(graph.operators)} operators and "
            f"{len(graph.outputs)} outputs: nothing to run",
            "Give a model that computes something",
        )
    _check(graph, source)
    for called in graph.subgraphs.values():
        _check(called, source)


def _check(graph: Graph, source: Source) -> None:
    _check_range(graph, source)
    known = {tensor.index for tensor in graph.tensors if tensor.data is not None or tensor.variable}
    if len(set(graph.inputs)) != len(graph.inputs):
        raise source.refuse("damaged .tflite: a tensor is an input twice")
    computed: set[int] = set()
    known |= set(graph.inputs)
    for operator in graph.operators:
        who = f"operator {operator.index} ({operator.kind})"
        for index in operator.inputs:
            if index != ABSENT and index not in known:
                raise source.refuse(
                    f"damaged .tflite: {who} reads {_name(graph, index)} before it is computed"
                )
        for index in operator.outputs:
            if index in known:
                raise source.refuse(
                    f"damaged .tflite: {who} writes {_name(graph, index)} a second time"
                )
            known.add(index)
            computed.add(index)
    for index in graph.outputs:
        if index not in known:
            raise source.refuse(
                f"output {_name(graph, index)} is not computed by any operator",
                "Give a model whose outputs are computed",
            )
    for index in (*graph.inputs, *sorted(computed)):
        if 0 in graph.tensors[index].shape:
            raise source.refuse(
                f"{_name(graph, index)} has shape {graph.tensors[index].shape}: no elements",
                "Convert the model with fixed shapes",
            )


def _check_range(graph: Graph, source: Source) -> None:
    count = len(graph.tensors)
    rows = [("the model's inputs", graph.inputs, 0), ("the model's outputs", graph.outputs, 0)]
    for operator in graph.operators:
        who = f"operator {operator.index} ({operator.kind})"
        rows += [(who, operator.inputs, ABSENT), (who, operator.outputs, 0)]
    for who, indices, least in rows:
        for index in indices:
            if not least <= index < count:
                raise source.refuse(
                    f"damaged .tflite: {who} name tensor {index} of {count}"
                    if who.startswith("the model")
                    else f"damaged .tflite: {who} names tensor {index} of {count}"
                )


def _name(graph: Graph, index: int) -> str:
    return label(index, graph.tensors[index].name)
