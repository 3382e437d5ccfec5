"""L2_NORMALIZATION over the last dimension."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .inverse_sqrt import inverse_sqrt
from .layers import Layer
from .numpy_arithmetic import Words, requantise
from .operator import Operator
from .rules import Input, Rule
from .shapes import same_shape
from .view import common, expect_output

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import OperatorView

MAX_DEPTH = 1 << 14
"""With more values, the sum of squares could overflow."""


@dataclass(frozen=True, eq=False)
class L2Normalization(Layer):
    """`rows` of `depth` values; each row is divided by the square root of its sum of squares.

    Output scale 1/128, zero point 0.
    """

    rows: int
    depth: int
    input_offset: int


def _problem(view: OperatorView) -> str:
    shape = view.tensor(0).shape
    if not shape or shape[-1] > MAX_DEPTH:
        return f"rows of {shape[-1:]} values, expected at most {MAX_DEPTH}"
    if view.option("fused_activation_function", "NONE") != "NONE":
        return f"the fused activation {view.option('fused_activation_function')}"
    return same_shape(view)


def _lower(view: OperatorView) -> L2Normalization:
    source = view.tensor(0)
    expect_output(view, 1 / 128, 0)
    return L2Normalization(
        **common(view),
        rows=source.elements // source.shape[-1],
        depth=source.shape[-1],
        input_offset=-source.quantisation.zero_point,
    )


def _reference(layer: L2Normalization, source: NDArray[Any]) -> Words:
    values = source.reshape(layer.rows, layer.depth).astype(np.int64) + layer.input_offset
    factors = [inverse_sqrt(int(total)) for total in (values * values).sum(axis=1)]
    multipliers = np.array([[multiplier] for multiplier, _ in factors], np.int64)
    shifts = np.array([[7 - shift] for _, shift in factors], np.int64)
    clamped: Words = np.clip(requantise(values, multipliers, shifts), -128, 127)
    return clamped


OPERATORS = (Operator("L2_NORMALIZATION", Rule((Input(),)), _lower, _reference, _problem),)
