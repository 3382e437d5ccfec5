"""One strategy of layers per operator, for everything that the format allows and TFLM executes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import (
    activation,
    biases,
    blocks,
    convolution,
    copies,
    elementwise,
    float32,
    fully_connected,
    int16,
    moves,
    pairs,
    pieces,
    pooling,
    quantize,
    recurrent,
    reduction,
    softmax,
    sums,
)

if TYPE_CHECKING:
    from hypothesis import strategies as st

    from pytest_mlbench.testing.model import LayerCase

FAMILIES = (
    activation,
    biases,
    blocks,
    convolution,
    copies,
    elementwise,
    float32,
    fully_connected,
    int16,
    moves,
    pairs,
    pieces,
    pooling,
    quantize,
    recurrent,
    reduction,
    softmax,
    sums,
)

LAYERS: dict[str, st.SearchStrategy[LayerCase]] = dict(
    sorted(item for family in FAMILIES for item in family.LAYERS.items())
)
"""Operator -> strategy for a layer of it. A name with a suffix is a special form of the operator
(FULLY_CONNECTED_COMPUTED)."""
