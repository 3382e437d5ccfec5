"""Executes lowered layers in numpy: the reference if the interpreter's wheel is not available.

It implements TensorFlow Lite Micro's arithmetic on whole arrays of 64-bit integers; tests compare
it with the interpreter for every operator. It shares the lowering with the `aot` backend (scales
to multipliers, tables of LOGISTIC, TANH and similar functions, and the exponential function in
`fixed_point`), but nothing with kernels, compiler and simulator.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from .catalogue import OPERATORS
from .coverage import folded, refusal
from .fold import fold
from .lower import lower_all
from .state import first_value, reset_value
from .uncovered import UncoveredLayer, uncovered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from pytest_mlbench.models.tflite.graph import Graph

    from . import layers


def execute(
    graph: Graph,
    samples: Sequence[Sequence[bytes]],
    *,
    where: str = "",
    reset: bool = False,
    brought: Mapping[int, Callable[..., Any]] = MappingProxyType({}),
) -> tuple[tuple[bytes, ...], ...]:
    """The outputs of all samples, `[sample][output]`, as raw bytes.

    State is kept between samples, as in the interpreter; with `reset` it is reset. `brought`:
    operator index -> `reference(layer, *inputs)` for its `UncoveredLayer`. Raises UsageError that
    names every unsupported operator.
    """
    graph = fold(graph)
    layers, found = lower_all(graph)
    missing = {place: why for place, why in found.items() if place not in brought}
    if missing:
        raise refusal(graph, missing, where=where)
    lowered = [
        uncovered(graph, graph.operators[place], found[place]) if place in found else layer
        for place, layer in enumerate(layers)
    ]
    variables = [tensor for tensor in graph.tensors if tensor.variable]
    state = {tensor.index: first_value(tensor) for tensor in variables}
    outputs = []
    for number, sample in enumerate(samples):
        if reset and number:
            state = {tensor.index: reset_value(tensor) for tensor in variables}
        outputs.append(_run(graph, lowered, sample, state, brought))
    return tuple(outputs)


def _run(
    graph: Graph,
    lowered: Sequence[layers.Layer | None],
    sample: Sequence[bytes],
    state: dict[int, Any],
    brought: Mapping[int, Callable[..., Any]],
) -> tuple[bytes, ...]:
    """Runs one sample. `state` holds the variables' values and is updated."""
    values = {tensor.index: tensor.data for tensor in graph.tensors if tensor.data is not None}
    values.update(state)
    for index, data in zip(graph.inputs, sample, strict=True):
        tensor = graph.tensors[index]
        values[index] = np.frombuffer(data, tensor.dtype).reshape(tensor.shape)
    for operator, layer in zip(graph.operators, lowered, strict=True):
        if folded(graph, operator):
            continue
        results: Any
        if layer is None:
            results = values[operator.inputs[0]]
        else:
            given = [values[index] for index in layer.inputs]
            if isinstance(layer, UncoveredLayer):
                results = brought[layer.index](layer, *given)
            else:
                results = compute(layer, *given)
        if not isinstance(results, tuple):
            results = (results,)
        for index, result in zip(operator.outputs, results, strict=True):
            target = graph.tensors[index]
            values[index] = result.reshape(target.shape).astype(target.dtype)
    state.update({index: values[index] for index in state})
    return tuple(values[index].tobytes() for index in graph.outputs)


def compute(layer: layers.Layer, *inputs: NDArray[Any]) -> Any:
    """The output of `layer`, or a tuple of several outputs, from stored values to stored values."""
    reference = OPERATORS[layer.kind].reference
    assert reference is not None
    return reference(layer, *inputs)
