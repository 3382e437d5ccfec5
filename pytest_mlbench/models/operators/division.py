"""DIV, with broadcasting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from . import float32
from .layers import Broadcast
from .numpy_arithmetic import Words, high_mul
from .operator import Operator
from .pairwise import Pairwise, pairwise, pairwise_reference
from .rules import Input, Rule
from .shapes import broadcast_problem
from .view import common

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import OperatorView

MAX_SHIFT = 23
"""The largest shift of the output's factor, which equals the headroom of the dividend in bits."""


@dataclass(frozen=True, eq=False)
class Div(Broadcast):
    """DIV of int8: the quotient of the (stored + offset) values is scaled to the output."""

    left_offset: int
    right_offset: int
    output_offset: int
    output_multiplier: int
    output_shift: int
    activation_min: int
    activation_max: int


def _problem(view: OperatorView) -> str:
    types = {view.tensor(0).dtype, view.tensor(1).dtype, view.output.dtype}
    if len(types) != 1:
        return f"its inputs and output are {', '.join(sorted(types))}"
    return broadcast_problem(view)


def _lower(view: OperatorView) -> Div | Pairwise | float32.Pair32:
    if view.output.dtype == "int32":
        return pairwise(view)
    if float32.is_float(view):
        return float32.pair(view)
    left, right, output = view.tensor(0), view.tensor(1), view.output
    activation = view.option("fused_activation_function", "NONE")
    shapes: dict[str, Any] = {
        "left_shape": left.shape,
        "right_shape": right.shape,
        "output_shape": output.shape,
    }
    whole = right.quantisation.scale * output.quantisation.scale
    factor = q.quantize_multiplier(left.quantisation.scale / whole)
    if factor.shift > MAX_SHIFT:
        raise q.NotRepresentable("the ratio of its scales is too large for a quotient")
    low, high = q.activation_range(activation, output)
    return Div(
        **common(view, 0, 1),
        **shapes,
        left_offset=-left.quantisation.zero_point,
        right_offset=-right.quantisation.zero_point,
        output_offset=output.quantisation.zero_point,
        output_multiplier=factor.multiplier,
        output_shift=factor.shift,
        activation_min=low,
        activation_max=high,
    )


def _bits(values: Words) -> Words:
    """The number of bits of each value; values are in [0, 2**32)."""
    found: Words = np.frexp(values.astype(np.float64))[1].astype(np.int64)
    return found


def _inverse(value: Words) -> Words:
    """2**(bits - 1) / value in Q0.31, by Newton-Raphson: 1 / (1 + x), where x are the bits after
    the leading one (gemmlowp/fixedpoint)."""
    fraction = (value << (32 - _bits(value))) - (1 << 31)
    half = (fraction + (1 << 31)) >> 1
    x = 1515870810 + high_mul(half, -1010580540)
    for _step in range(3):
        x = x + (high_mul(x, (1 << 29) - high_mul(half, x)) << 2)
    found: Words = np.minimum(x << 1, (1 << 31) - 1)
    return found


def _divided(value: Words, exponent: Words) -> Words:
    """value / 2**exponent, to nearest with ties away from zero.

    For exponents above 31 the interpreter's shift wraps around, and its remainder is the value.
    """
    mask = (np.int64(1) << exponent) - 1
    rest = np.where(exponent > 31, value, value & mask)
    threshold = np.where(exponent > 31, -1, mask >> 1) + (value < 0)
    found: Words = (value >> (exponent & 31)) + (rest > threshold)
    return found


def _reference(layer: Div | Pairwise | float32.Pair32, *inputs: NDArray[Any]) -> NDArray[Any]:
    if isinstance(layer, Pairwise):
        return pairwise_reference(layer, *inputs)
    if isinstance(layer, float32.Pair32):
        return float32.pair_reference(layer, *inputs)
    left, right = (
        one.reshape(shape)
        for one, shape in zip(inputs, (layer.left_shape, layer.right_shape), strict=True)
    )
    divisor = right.astype(np.int64) + layer.right_offset
    dividend = (left.astype(np.int64) + layer.left_offset) * np.where(divisor < 0, -1, 1)
    divisor = np.abs(divisor)
    dividend, divisor = np.broadcast_arrays(dividend, divisor)
    whole = np.where(divisor == 0, 1, divisor)
    # For a negative number, count the bits after the leading ones: ~(-1) has none.
    room = 31 - _bits(np.where(dividend < 0, ~dividend, dividend))
    raw = high_mul(dividend << room, _inverse(whole))
    total = layer.output_shift - (_bits(whole) - 1) - room
    found = _divided(high_mul(raw, layer.output_multiplier), -total)
    found = np.where(divisor == 0, 512 * np.sign(dividend), found)
    clamped: Words = np.clip(
        found + layer.output_offset, layer.activation_min, layer.activation_max
    )
    return clamped


_TYPES = ("int8", "int32", "float32")

OPERATORS = (Operator("DIV", Rule((Input(_TYPES),) * 2, _TYPES), _lower, _reference, _problem),)
