"""RELU, RELU6 and QUANTIZE that only clamp: into the bounds of the layer before.

Where neither scale nor zero point change, such an operator cuts values off and does nothing else.
The layer before cuts its results off as its last step; so its bounds become narrower, and one pass
over the tensor is saved. Whether an operator only clamps is found by its 256 results. One that
gives back every value it gets is the same buffer under another name.
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
"""Layers whose last step is to clamp, whichever kernel runs them."""


def run(program: Program) -> Program:
    """Fold every clamp that can be."""
    for place, layer in enumerate(program.layers):
        bounds = clamped(program.graph, layer)
        if layer is None or bounds is None:
            continue
        if bounds == (-128, 127):
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
    """The bounds of a layer that only clamps, None for any other."""
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
