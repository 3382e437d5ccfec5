"""Redundant fields of a model: they repeat its shapes, but some readers need them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_mlbench.models.tflite.writer import write

if TYPE_CHECKING:
    from pytest_mlbench.models.tflite.graph import Graph, Operator


def filled(graph: Graph) -> Graph:
    """`graph` with every DEPTHWISE_CONV_2D's depth_multiplier of 0 computed from the shapes.

    Returns `graph` itself if there is none. With 0, TensorFlow Lite Micro computes nothing.
    """
    operators = tuple(_filled(graph, operator) for operator in graph.operators)
    return graph if operators == graph.operators else replace(graph, operators=operators)


def file_of(graph: Graph, data: bytes) -> bytes:
    """The file for TensorFlow Lite Micro: the model's own `data`, unless `filled` changes it."""
    full = filled(graph)
    return data if full is graph else write(full)


def _filled(graph: Graph, operator: Operator) -> Operator:
    if operator.kind != "DEPTHWISE_CONV_2D" or operator.options.get("depth_multiplier") != 0:
        return operator
    source, weights = (graph.tensors[index].shape for index in operator.inputs[:2])
    if not source or not weights or source[-1] < 1 or weights[-1] % source[-1]:
        return operator
    return replace(
        operator, options={**operator.options, "depth_multiplier": weights[-1] // source[-1]}
    )
