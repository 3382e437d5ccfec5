"""Fields of a model that say once more what its shapes say, and that some readers depend on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_mlbench.models.tflite.graph import Graph, Operator


def filled(graph: Graph) -> Graph:
    """`graph` with each DEPTHWISE_CONV_2D's depth_multiplier of 0 replaced by what the shapes say;
    `graph` itself when there is none. TensorFlow Lite Micro computes nothing at all with 0."""
    operators = tuple(_filled(graph, operator) for operator in graph.operators)
    return graph if operators == graph.operators else replace(graph, operators=operators)


def _filled(graph: Graph, operator: Operator) -> Operator:
    if operator.kind != "DEPTHWISE_CONV_2D" or operator.options.get("depth_multiplier") != 0:
        return operator
    source, weights = (graph.tensors[index].shape for index in operator.inputs[:2])
    if not source or not weights or source[-1] < 1 or weights[-1] % source[-1]:
        return operator
    return replace(
        operator, options={**operator.options, "depth_multiplier": weights[-1] // source[-1]}
    )
