"""What backend `tflmi` lacks for a model, and what TensorFlow Lite Micro itself says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.backends.tflmi.operators import METHODS
from pytest_mlbench.errors import MlbenchError

from .validation.asked import asked

if TYPE_CHECKING:
    from pytest_mlbench.models.tflite.graph import Graph

_NO_METHOD = "mlbench registers no kernel of TensorFlow Lite Micro for it"


def without_method(graph: Graph) -> dict[int, str]:
    """Operator index -> why the backend does not cover it."""
    return {op.index: _NO_METHOD for op in graph.operators if op.kind not in METHODS}


def more(graph: Graph, data: bytes) -> list[str]:
    """Further obstacles, as sentences: operators of subgraphs that the model calls and, if every
    operator has a kernel, what the installed interpreter says when it does not run the model."""
    found = [
        f"subgraph {number}, operator {place} {called.operators[place].kind}: {why}"
        for number, called in sorted(graph.subgraphs.items())
        for place, why in sorted(without_method(called).items())
    ]
    if found or without_method(graph):
        return found
    try:
        name, why = asked(graph, data)
    except MlbenchError as error:
        name, why = "no sample could be drawn", error.what
    return [f"{name}: {why}"] if why else []


def operators(graph: Graph) -> int:
    """The number of operators, those of called subgraphs included."""
    called = sum(len(one.operators) for one in graph.subgraphs.values())
    return len(graph.operators) + called
