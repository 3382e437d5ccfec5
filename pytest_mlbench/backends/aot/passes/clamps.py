"""Merges RELU, RELU6 and QUANTIZE operators that only add and clamp into the previous layer.

If the scale does not change, such an operator adds the difference of the zero points and clamps.
The previous layer adds its output's zero point and clamps as its last steps, so these are changed
instead, which saves one pass over the tensor. The operator's results for all 256 values show
whether it does no more. One that returns every value unchanged needs no code: its output shares the
input's buffer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

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
        clamp = clamped(program.graph, layer)
        if layer is None or clamp is None:
            continue
        if clamp == Clamp(0, -128, 127):
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
        if _is_bounded(before) and (clamp.add == 0 or hasattr(before, "output_offset")):
            program = program.into_previous(place, writer, _narrowed(before, clamp, layer))
    return program


class Clamp(NamedTuple):
    """clip(value + add, low, high)"""

    add: int
    low: int
    high: int


def clamped(graph: Graph, layer: Layer | None) -> Clamp | None:
    """What a layer that only adds and clamps does; None for any other."""
    found = results(graph, layer) if isinstance(layer, Rescale) else None
    if found is None:
        return None
    low, high = int(found.min()), int(found.max())
    wide = VALUES.astype(np.int64)
    added = (found - wide)[(found > low) & (found < high)]
    add = int(added[0]) if added.size else 0
    clamp = Clamp(add, low, high)
    return clamp if np.array_equal(found, np.clip(wide + add, low, high)) else None


def _is_bounded(layer: Layer | None) -> bool:
    if isinstance(layer, Rescale):
        return layer.output_dtype == "int8"
    adds = isinstance(layer, Elementwise) and layer.kind in ("ADD", "SUB", "MUL")
    return adds or type(layer) in BOUNDED


def _narrowed(before: Layer | None, clamp: Clamp, last: Layer) -> Layer:
    bounds = (getattr(before, name) + clamp.add for name in _FIELDS)
    low, high = (int(np.clip(bound, clamp.low, clamp.high)) for bound in bounds)
    changed: dict[str, Any] = {
        "activation_min": low,
        "activation_max": high,
        "outputs": last.outputs,
    }
    if clamp.add:
        changed["output_offset"] = getattr(before, "output_offset", 0) + clamp.add
    assert before is not None
    return replace(before, **changed)


_FIELDS = ("activation_min", "activation_max")
