"""Computes operators at build time whose inputs are constants or whose result is a shape.

Their outputs become constants, and the operators disappear from the firmware.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .arithmetic import NotRepresentable
from .catalogue import OPERATORS
from .coverage import operator_problem
from .state import with_variables
from .view import OperatorView

if TYPE_CHECKING:
    from pytest_mlbench.models.tflite.graph import Graph, Operator, Tensor

MAX_ELEMENTS = 1 << 20
"""Larger results are not computed at build time: they would cost more ROM than they save."""


def fold(graph: Graph) -> Graph:
    """`graph` with all outputs that can be computed now as constants, and with resource variables
    as tensors (`state.with_variables`).

    A folded operator keeps its index, reads nothing, and all its outputs have `data`.
    """
    graph = with_variables(graph)
    tensors = list(graph.tensors)
    operators = list(graph.operators)
    for place, operator in enumerate(operators):
        values = _values(replace(graph, tensors=tuple(tensors)), operator)
        if values is None:
            continue
        for index, value in zip(operator.outputs, values, strict=True):
            target = tensors[index]
            data = np.asarray(value).reshape(target.shape).astype(target.dtype)
            tensors[index] = replace(target, data=data)
        operators[place] = replace(operator, inputs=())
    if operators == list(graph.operators):
        return graph
    return replace(graph, tensors=tuple(tensors), operators=tuple(operators))


def _values(graph: Graph, operator: Operator) -> tuple[Any, ...] | None:
    """The outputs' values; None if they cannot be computed now."""
    view = OperatorView.of(graph, operator)
    if (
        not view.outputs
        or any(tensor.variable for tensor in view.outputs)
        or any(_too_big(tensor) for tensor in view.outputs)
    ):
        return None
    known = OPERATORS.get(operator.kind)
    if known is None or operator_problem(view):
        return None
    if known.fold is not None:
        return known.fold(view)
    inputs = [tensor for tensor in view.inputs if tensor is not None]
    if any(tensor.data is None for tensor in inputs):
        return None
    if known.lower is None:
        return (view.tensor(0).data,)
    try:
        layer = known.lower(view)
    except NotRepresentable:
        return None
    assert known.reference is not None
    result = known.reference(layer, *(graph.tensors[index].data for index in layer.inputs))
    return result if isinstance(result, tuple) else (result,)


def _too_big(tensor: Tensor) -> bool:
    return tensor.elements > MAX_ELEMENTS or any(size < 0 for size in tensor.shape)
