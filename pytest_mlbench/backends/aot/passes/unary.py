"""Layers that are a function of one int8 value; 256 results describe them completely."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlbench.models.operators.catalogue import OPERATORS
from pytest_mlbench.models.operators.layers import Elementwise, Lookup, Rescale

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.models.operators.layers import Layer
    from pytest_mlbench.models.tflite.graph import Graph

VALUES = np.arange(-128, 128, dtype=np.int8)
"""All int8 values in ascending order."""


def results(graph: Graph, layer: Layer | None) -> NDArray[np.int8] | None:
    """The results for `VALUES`; None if `layer` of `graph` is not such a function."""
    one = _of_all_values(layer)
    if layer is None or one is None:
        return None
    if {graph.tensors[index].dtype for index in (*layer.inputs, *layer.outputs)} != {"int8"}:
        return None
    reference = OPERATORS[layer.kind].reference
    assert reference is not None
    return np.asarray(reference(*one), dtype=np.int8).reshape(256)


def _of_all_values(layer: Layer | None) -> tuple[Any, ...] | None:
    """`layer`, changed for an input of all 256 values, and its inputs."""
    if isinstance(layer, Lookup):
        return replace(layer, count=256), VALUES
    if isinstance(layer, Rescale) and {layer.input_dtype, layer.output_dtype} == {"int8"}:
        return replace(layer, count=256), VALUES
    if isinstance(layer, Elementwise):
        return _with_scalar(layer)
    return None


def _with_scalar(layer: Elementwise) -> tuple[Any, ...] | None:
    """An elementwise operator whose other operand is a single value."""
    for name, other in (("left", "right"), ("right", "left")):
        constant, side = getattr(layer, name), getattr(layer, other)
        if constant.data is None or constant.data.size != 1 or side.data is not None:
            continue
        given = constant.data.reshape(1)
        changed: dict[str, Any] = {
            name: replace(constant, shape=(1,), data=given),
            other: replace(side, shape=(256,)),
            "output_shape": (256,),
        }
        inputs = (given, VALUES) if name == "left" else (VALUES, given)
        return replace(layer, **changed), *(inputs if len(layer.inputs) == 2 else (VALUES,))
    return None
