"""One strategy of layers per operator, over everything the format allows and TFLM executes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import (
    activation,
    convolution,
    copies,
    elementwise,
    fully_connected,
    int16,
    moves,
    pairs,
    pooling,
    quantize,
    recurrent,
    reduction,
)

if TYPE_CHECKING:
    from hypothesis import strategies as st

    from pytest_mlbench.testing.model import LayerCase

FAMILIES = (
    activation,
    convolution,
    copies,
    elementwise,
    fully_connected,
    int16,
    moves,
    pairs,
    pooling,
    quantize,
    recurrent,
    reduction,
)

LAYERS: dict[str, st.SearchStrategy[LayerCase]] = dict(
    sorted(item for family in FAMILIES for item in family.LAYERS.items())
)
"""Operator -> strategy of one layer of it. A name that is longer than its operator's is a special
form of it (FULLY_CONNECTED_COMPUTED)."""
