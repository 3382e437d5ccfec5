"""Executes lowered layers in numpy: the reference where no interpreter's wheel can be had.

The arithmetic is TensorFlow Lite Micro's, written down once more on whole arrays in 64 bit
integers; tests hold it against the interpreter, operator by operator. With the `aot` backend it
shares the lowering (scales to multipliers, tables of LOGISTIC, TANH and their like, and the
exponential function in `fixed_point`), with kernels, compiler and simulator nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .catalogue import OPERATORS
from .coverage import folded
from .fold import fold
from .lower import lower
from .state import first_value, reset_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pytest_mlbench.models.tflite.graph import Graph

    from . import layers


def execute(
    graph: Graph, samples: Sequence[Sequence[bytes]], *, where: str = "", reset: bool = False
) -> tuple[tuple[bytes, ...], ...]:
    """The outputs of all samples, `[sample][output]`, raw bytes like the samples. A state is kept
    from one to the next, as the interpreter keeps it, or, with `reset`, reset between them.

    Raises UsageError naming every operator that is not covered.
    """
    graph = fold(graph)
    lowered = lower(graph, where=where)
    variables = [tensor for tensor in graph.tensors if tensor.variable]
    state = {tensor.index: first_value(tensor) for tensor in variables}
    outputs = []
    for number, sample in enumerate(samples):
        if reset and number:
            state = {tensor.index: reset_value(tensor) for tensor in variables}
        outputs.append(_run(graph, lowered, sample, state))
    return tuple(outputs)


def _run(
    graph: Graph,
    lowered: Sequence[layers.Layer | None],
    sample: Sequence[bytes],
    state: dict[int, Any],
) -> tuple[bytes, ...]:
    """One sample. `state` holds the variables' values, and is moved on."""
    values = {tensor.index: tensor.data for tensor in graph.tensors if tensor.data is not None}
    values.update(state)
    for index, data in zip(graph.inputs, sample, strict=True):
        tensor = graph.tensors[index]
        values[index] = np.frombuffer(data, tensor.dtype).reshape(tensor.shape)
    for operator, layer in zip(graph.operators, lowered, strict=True):
        if folded(graph, operator):
            continue
        results: Any = (
            values[operator.inputs[0]]
            if layer is None
            else compute(layer, *(values[index] for index in layer.inputs))
        )
        if not isinstance(results, tuple):
            results = (results,)
        for index, result in zip(operator.outputs, results, strict=True):
            target = graph.tensors[index]
            values[index] = result.reshape(target.shape).astype(target.dtype)
    state.update({index: values[index] for index in state})
    return tuple(values[index].tobytes() for index in graph.outputs)


def compute(layer: layers.Layer, *inputs: NDArray[Any]) -> Any:
    """The output of `layer`, a tuple for several; stored values in, stored values out."""
    reference = OPERATORS[layer.kind].reference
    assert reference is not None
    return reference(layer, *inputs)
