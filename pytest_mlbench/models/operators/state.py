"""State: what a model keeps from one inference to the next.

In TensorFlow, variables are resources: VAR_HANDLE names one, READ_VARIABLE and ASSIGN_VARIABLE copy
its value, and CALL_ONCE runs a subgraph that sets its initial value. `with_variables` turns each
variable into a tensor of the graph that is `variable`; reading and assigning become copies, and
VAR_HANDLE and CALL_ONCE need no code at run time.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlbench.models.tflite.graph import ITEM_SIZE, Tensor

from .operator import Operator
from .rules import MOVED, Input, Rule
from .shapes import same_elements
from .strided import StridedCopy
from .view import OperatorView, common

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pytest_mlbench.models.tflite.graph import Graph
    from pytest_mlbench.models.tflite.graph import Operator as GraphOperator

SETUP = ("CALL_ONCE", "VAR_HANDLE")
"""Operators that `with_variables` replaces; it removes their options to mark them as done."""


@dataclass
class _Variables:
    """`handles`: tensor of a handle -> its variable's name. `initial`: name -> initial value."""

    handles: dict[int, tuple[str, str]] = field(default_factory=dict)
    initial: dict[tuple[str, str], NDArray[Any]] = field(default_factory=dict)


def with_variables(graph: Graph) -> Graph:
    """`graph` with resource variables as tensors.

    Returns `graph` unchanged if the variables are used in an unknown way; then their operators are
    refused as unsupported.
    """
    if not any(operator.kind in SETUP for operator in graph.operators):
        return graph
    known = _Variables(_handles(graph))
    if not all(_sound(operator, known.handles) for operator in graph.operators):
        return graph
    if known.handles.keys() & {*graph.inputs, *graph.outputs}:
        return graph
    for operator in graph.operators:
        if operator.kind == "CALL_ONCE" and not _initialise(graph, operator, known):
            return graph
    tensors, places = list(graph.tensors), {}
    for index, name in known.handles.items():
        users = [op for op in graph.operators if index in op.inputs]
        shape = _value(graph, index, users)
        if shape is None:
            return graph
        if name not in places:
            places[name] = len(tensors)
            tensors.append(
                Tensor(
                    len(tensors),
                    name[1],
                    shape.shape,
                    shape.dtype,
                    shape.quantisation,
                    variable=True,
                    initial=known.initial.get(name),
                )
            )
        elif tensors[places[name]].bytes != shape.bytes:
            return graph
    where = {index: places[name] for index, name in known.handles.items()}
    operators = tuple(_without_handles(operator, where) for operator in graph.operators)
    return replace(graph, tensors=tuple(tensors), operators=operators)


def _sound(operator: GraphOperator, handles: Mapping[int, object]) -> bool:
    """Does an operator on variables have the tensors that it needs, a handle first?"""
    counts = {"READ_VARIABLE": (1, 1), "ASSIGN_VARIABLE": (2, 0), "VAR_HANDLE": (0, 1)}
    if operator.kind not in counts:
        return True
    if (len(operator.inputs), len(operator.outputs)) != counts[operator.kind]:
        return False
    return operator.kind == "VAR_HANDLE" or operator.inputs[0] in handles


def _handles(graph: Graph) -> dict[int, tuple[str, str]]:
    return {
        operator.outputs[0]: (operator.options["container"], operator.options["shared_name"])
        for operator in graph.operators
        if operator.kind == "VAR_HANDLE" and len(operator.outputs) == 1
    }


def _initialise(graph: Graph, operator: GraphOperator, known: _Variables) -> bool:
    """Records the values that the subgraph assigns. False if it does anything else."""
    earlier = graph.operators[: operator.index]
    used = {known.handles.get(index) for op in earlier for index in op.inputs}
    called = graph.subgraphs.get(operator.options["init_subgraph_index"])
    if called is None:
        return False
    handles = _handles(called)
    for step in called.operators:
        if step.kind == "VAR_HANDLE":
            continue
        if step.kind != "ASSIGN_VARIABLE" or len(step.inputs) != 2:
            return False
        handle, value = step.inputs
        data = called.tensors[value].data if value >= 0 else None
        if handle not in handles or data is None or handles[handle] in used:
            return False
        known.initial[handles[handle]] = data
    return True


def _value(graph: Graph, handle: int, users: list[GraphOperator]) -> Tensor | None:
    """A tensor of the variable's shape and type: one that is read from it or assigned to it.

    None if the variable is used for anything else.
    """
    tensor = None
    for operator in users:
        if operator.kind == "READ_VARIABLE" and operator.inputs == (handle,):
            value = operator.outputs[0]
        elif operator.kind == "ASSIGN_VARIABLE" and operator.inputs[0] == handle:
            value = operator.inputs[1]
        else:
            return None
        if value < 0 or (tensor is not None and graph.tensors[value].bytes != tensor.bytes):
            return None
        tensor = tensor or graph.tensors[value]
    return tensor


def _without_handles(operator: GraphOperator, where: dict[int, int]) -> GraphOperator:
    if operator.kind in SETUP:
        return replace(operator, options={}, outputs=())
    if operator.kind == "READ_VARIABLE":
        return replace(operator, inputs=(where[operator.inputs[0]],))
    if operator.kind == "ASSIGN_VARIABLE":
        return replace(operator, inputs=operator.inputs[1:], outputs=(where[operator.inputs[0]],))
    return operator


def first_value(tensor: Tensor) -> NDArray[Any]:
    """A variable's value before the first inference, as the interpreter resets it.

    It is the assigned value, or else the zero point (the state of SVDF or an LSTM), or else 0.
    """
    if tensor.initial is not None:
        return tensor.initial.reshape(tensor.shape)
    zero = tensor.quantisation.zero_point if tensor.dtype == "int8" else 0
    return np.full(tensor.shape, zero, tensor.dtype)


def keeps_state(graph: Graph) -> bool:
    """Whether an inference depends on the ones before."""
    kept = any(tensor.variable for tensor in graph.tensors)
    return kept or any(operator.kind == "VAR_HANDLE" for operator in graph.operators)


def reset_value(tensor: Tensor) -> NDArray[Any]:
    """What a variable holds after a reset: a subgraph that is called once is not called again, so
    that what it assigned does not come back."""
    return first_value(replace(tensor, initial=None))


def _copy(view: OperatorView) -> StridedCopy:
    count = view.output.elements
    return StridedCopy(
        **common(view),
        sizes=(count,),
        steps=(1,),
        first=0,
        item=ITEM_SIZE[view.output.dtype],
    )


def _reference(_layer: StridedCopy, source: NDArray[Any]) -> NDArray[Any]:
    return source.copy()


def _gone(view: OperatorView) -> str:
    return f"{view.kind} does not initialise variables by constants alone"


_RULE = Rule((Input(MOVED, scales="raw"),), MOVED, quantised=False)
_NOTHING = Rule((), ("resource",), quantised=False)

OPERATORS = (
    Operator("ASSIGN_VARIABLE", _RULE, _copy, _reference, same_elements),
    Operator("CALL_ONCE", _NOTHING, None, None, _gone),
    Operator("READ_VARIABLE", _RULE, _copy, _reference, same_elements),
    Operator("VAR_HANDLE", _NOTHING, None, None, _gone),
)
