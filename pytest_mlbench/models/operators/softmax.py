"""SOFTMAX over the last dimension."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from . import layers, softmax16
from .fixed_point import exp_of_negative
from .numpy_arithmetic import Words, divide_pot, high_mul
from .operator import Operator
from .rules import Input, Rule
from .shapes import same_shape
from .view import common, expect_output

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import OperatorView

_NEAR = 1e-3
"""How far an int16 output's scale may be from 1/65536."""

MAX_DEPTH = 4095
"""The most values for kernels of `layers.Softmax`: a sum of more exponentials in Q12.19 may
overflow."""


@dataclass(frozen=True, eq=False)
class SoftmaxDeep(layers.Softmax):
    """SOFTMAX of any number of values."""


@dataclass(frozen=True, eq=False)
class SoftmaxTo16(layers.Softmax):
    """SOFTMAX from int8 to int16; output scale 1/65536, zero point -32768."""


def _problem(view: OperatorView) -> str:
    shape = view.tensor(0).shape
    if not shape:
        return "its input is a scalar"
    if view.tensor(0).dtype == "int16" and view.output.dtype == "int8":
        return "from int16 to int8"
    return same_shape(view)


def _lower(view: OperatorView) -> layers.Softmax | softmax16.SoftmaxInt16:
    source, output = view.tensor(0), view.output.quantisation
    if source.dtype == "int16":
        return softmax16.lower(view)
    if view.output.dtype == "int8":
        expect_output(view, 1 / 256, -128)
    elif output.zero_point != -32768 or abs(output.scale * 65536 - 1) > _NEAR:
        expect_output(view, 1 / 65536, -32768)
    factor, diff_min = q.softmax_scaling(view.option("beta"), source.quantisation.scale)
    depth = source.shape[-1]
    kind = SoftmaxDeep if depth > MAX_DEPTH else layers.Softmax
    return (kind if view.output.dtype == "int8" else SoftmaxTo16)(
        **common(view),
        rows=source.elements // depth,
        depth=depth,
        multiplier=factor.multiplier,
        shift=factor.shift,
        diff_min=diff_min,
    )


def _reference(layer: layers.Softmax | softmax16.SoftmaxInt16, source: NDArray[Any]) -> Words:
    """Exponentials in Q0.31, their sum in Q12.19, and its reciprocal by Newton-Raphson."""
    if isinstance(layer, softmax16.SoftmaxInt16):
        return softmax16.reference(layer, source)
    bits = 16 if isinstance(layer, SoftmaxTo16) else 8
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    values = source.reshape(layer.rows, layer.depth).astype(np.int64)
    below = values - values.max(axis=1, keepdims=True)
    counts = below >= layer.diff_min
    scaled = high_mul(np.where(counts, below, 0) << layer.shift, layer.multiplier)
    powers = np.where(counts, exp_of_negative(scaled, 5), 0)
    # The interpreter uses 32 bits.
    sums = divide_pot(powers, 12).sum(axis=1) & 0xFFFFFFFF
    result = np.full(values.shape, low, np.int64)
    for row, total in enumerate(sums.tolist()):
        headroom = 32 - total.bit_length()
        factor = _reciprocal((total << headroom) - (1 << 31))
        exponent = 12 - headroom + 31 - bits
        exact = divide_pot(high_mul(powers[row], factor), exponent)
        result[row] = np.where(counts[row], np.clip(exact + low, low, high), low)
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


_TYPES = ("int8", "int16")

OPERATORS = (Operator("SOFTMAX", Rule((Input(_TYPES),), _TYPES), _lower, _reference, _problem),)
