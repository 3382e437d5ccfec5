"""Merges RELU, RELU6 and QUANTIZE operators that only clamp into the previous layer.

If neither scale nor zero point change, such an operator only clamps values. The previous layer
clamps its results as its last step, so its bounds are narrowed instead, which saves one pass over
the tensor. The operator's results for all 256 values show whether it only clamps. One that returns
every value unchanged needs no code: its output shares the input's buffer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlbench.models.operators.layers import (
    Conv2D,
    DepthwiseConv2D,
    Elementwise,
    FullyConnected,
    Pool2D,
    Rescale,
)

from .unary import VALUES, results

if TYPE_CHECKING:
    from pytest_mlbench.models.operators.layers import Layer
    from pytest_mlbench.models.tflite.graph import Graph

    from .program import Program

BOUNDED = (Conv2D, DepthwiseConv2D, FullyConnected, Pool2D, Rescale)
"""Layers that clamp as their last step, in every kernel."""


def run(program: Program) -> Program:
    """Folds every possible clamp."""
    for place, layer in enumerate(program.layers):
        bounds = clamped(program.graph, layer)
        if layer is None or bounds is None:
            continue
        if bounds == (-128, 127):
            if not program.graph.tensors[layer.inputs[0]].variable:
                program = program.without(place)
            continue
        source = layer.inputs[0]
        writer = next(
            (i for i, each in enumerate(program.layers) if each and source in each.outputs), None
        )
        if writer is None or program.only_reader(source) != place:
            continue
        before = program.layers[writer]
        if _is_bounded(before):
            program = program.into_previous(place, writer, _narrowed(before, bounds, layer))
    return program


def clamped(graph: Graph, layer: Layer | None) -> tuple[int, int] | None:
    """The bounds of a layer that only clamps; None for any other."""
    found = results(graph, layer) if isinstance(layer, Rescale) else None
    if found is None:
        return None
    low, high = int(found.min()), int(found.max())
    return (low, high) if np.array_equal(found, np.clip(VALUES, low, high)) else None


def _is_bounded(layer: Layer | None) -> bool:
    if isinstance(layer, Rescale):
        return layer.output_dtype == "int8"
    adds = isinstance(layer, Elementwise) and layer.kind in ("ADD", "SUB", "MUL")
    return adds or type(layer) in BOUNDED


def _narrowed(before: Layer | None, bounds: tuple[int, int], clamp: Layer) -> Layer:
    low, high = (int(np.clip(getattr(before, name), *bounds)) for name in _FIELDS)
    changed: dict[str, Any] = {
        "activation_min": low,
        "activation_max": high,
        "outputs": clamp.outputs,
    }
    assert before is not None
    return replace(before, **changed)


_FIELDS = ("activation_min", "activation_max")
