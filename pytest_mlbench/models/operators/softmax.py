"""SOFTMAX over the last dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from . import layers
from .fixed_point import exp_of_negative
from .numpy_arithmetic import Words, divide_pot, high_mul
from .operator import Operator
from .rules import Input, Rule
from .shapes import same_shape
from .view import common, expect_output

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import OperatorView

MAX_DEPTH = 4095
"""More than this could overflow the sum of exponentials (Q12.19)."""


def _problem(view: OperatorView) -> str:
    shape = view.tensor(0).shape
    if not shape:
        return "its input is a scalar"
    if shape[-1] > MAX_DEPTH:
        return f"{shape[-1]} values per row, expected at most {MAX_DEPTH}"
    return same_shape(view)


def _lower(view: OperatorView) -> layers.Softmax:
    source = view.tensor(0)
    expect_output(view, 1 / 256, -128)
    factor, diff_min = q.softmax_scaling(view.option("beta"), source.quantisation.scale)
    depth = source.shape[-1]
    return layers.Softmax(
        **common(view),
        rows=source.elements // depth,
        depth=depth,
        multiplier=factor.multiplier,
        shift=factor.shift,
        diff_min=diff_min,
    )


def _reference(layer: layers.Softmax, source: NDArray[Any]) -> Words:
    """Exponentials in Q0.31, their sum in Q12.19, its reciprocal by Newton and Raphson."""
    values = source.reshape(layer.rows, layer.depth).astype(np.int64)
    below = values - values.max(axis=1, keepdims=True)
    counts = below >= layer.diff_min
    scaled = high_mul(np.where(counts, below, 0) << layer.shift, layer.multiplier)
    powers = np.where(counts, exp_of_negative(scaled, 5), 0)
    sums = divide_pot(powers, 12).sum(axis=1)
    result = np.full(values.shape, -128, np.int64)
    for row, total in enumerate(sums.tolist()):
        headroom = 32 - total.bit_length()
        factor = _reciprocal((total << headroom) - (1 << 31))
        exponent = 12 - headroom + 31 - 8
        exact = divide_pot(high_mul(powers[row], factor), exponent)
        result[row] = np.where(counts[row], np.clip(exact - 128, -128, 127), -128)
    return result


def _reciprocal(value: int) -> int:
    """1 / (1 + value) in Q0.31 for value in [0, 1) in Q0.31 (gemmlowp/fixedpoint)."""

    def product(left: int, right: int) -> int:
        return (left * right + (1 << 30)) >> 31

    half = (value + (1 << 31)) >> 1
    x = 1515870810 + product(half, -1010580540)
    for _step in range(3):
        x += product(x, (1 << 29) - product(half, x)) << 2
    return min(x << 1, (1 << 31) - 1)


OPERATORS = (Operator("SOFTMAX", Rule((Input(),)), _lower, _reference, _problem),)
