"""ADD_N sums several tensors; CUMSUM sums along an axis."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from .constants import axis_of, integers
from .layers import Layer
from .numpy_arithmetic import Words, requantise
from .operator import Operator
from .rules import INT32, Input, Rule
from .shapes import same_shape
from .view import common

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import OperatorView


@dataclass(frozen=True, eq=False)
class ScaledSum:
    """The scaling of int8 sums: (stored + input_offset) * 2**20 is scaled to a term, and the sum of
    terms is scaled to int8."""

    input_offset: int
    input_multiplier: int
    input_shift: int
    output_offset: int
    output_multiplier: int
    output_shift: int


@dataclass(frozen=True, eq=False)
class AddN(Layer):
    """ADD_N. `sum` is None for float32."""

    count: int
    sum: ScaledSum | None


@dataclass(frozen=True, eq=False)
class Cumsum(Layer):
    """CUMSUM along an axis of `depth` elements, `inner` elements apart, in `outer` blocks.

    `exclusive`: a sum does not include its own element. `reverse`: sums start at the end. `sum` is
    None for float32."""

    outer: int
    depth: int
    inner: int
    exclusive: bool
    reverse: bool
    sum: ScaledSum | None


def _scaled_sum(view: OperatorView) -> ScaledSum | None:
    """Terms are scaled to twice the input's scale, as in ADD."""
    if view.output.dtype == "float32":
        return None
    source, output = view.tensor(0).quantisation, view.output.quantisation
    twice = 2 * source.scale
    term = q.smaller_than_one(source.scale / twice)
    whole = q.smaller_than_one(twice / ((1 << q.LEFT_SHIFT) * output.scale))
    return ScaledSum(
        input_offset=-source.zero_point,
        input_multiplier=term.multiplier,
        input_shift=term.shift,
        output_offset=output.zero_point,
        output_multiplier=whole.multiplier,
        output_shift=whole.shift,
    )


def _terms(known: ScaledSum, stored: NDArray[Any] | int) -> Words:
    values = np.asarray(stored, np.int64) + known.input_offset
    return requantise(values << 20, known.input_multiplier, known.input_shift)


def _finished(known: ScaledSum, sums: Words) -> Words:
    """Sums wrap around at 32 bits, as in the interpreter."""
    narrow = sums.astype(np.int32).astype(np.int64)
    scaled = requantise(narrow, known.output_multiplier, known.output_shift)
    clamped: Words = np.clip(scaled + known.output_offset, -128, 127)
    return clamped


def _type_problem(view: OperatorView) -> str:
    if view.tensor(0).dtype != view.output.dtype:
        return f"from {view.tensor(0).dtype} to {view.output.dtype}"
    return ""


def _add_n_problem(view: OperatorView) -> str:
    if len(view.inputs) < 2:
        return "1 input, expected at least 2"
    first = view.tensor(0)
    for position in range(1, len(view.inputs)):
        other = view.tensor(position)
        if (other.shape, other.dtype) != (first.shape, first.dtype):
            return f"inputs 0 and {position} differ in shape or type"
        known, one = other.quantisation, first.quantisation
        if other.dtype == "int8" and (
            (known.scales, known.zero_point) != (one.scales, one.zero_point)
        ):
            return f"inputs 0 and {position} differ in scale or zero point"
    return _type_problem(view) or same_shape(view)


def _add_n(view: OperatorView) -> AddN:
    positions = range(len(view.inputs))
    return AddN(**common(view, *positions), count=view.output.elements, sum=_scaled_sum(view))


def _add_n_reference(layer: AddN, *inputs: NDArray[Any]) -> NDArray[Any]:
    if layer.sum is None:
        total = np.zeros(inputs[0].shape, np.float32)
        for one in inputs:
            total = total + one
        return total
    # The interpreter begins with the value of a stored 0, not with 0.
    terms = [_terms(layer.sum, one) for one in inputs]
    return _finished(layer.sum, np.sum(terms, axis=0) + _terms(layer.sum, 0))


def _cumsum_problem(view: OperatorView) -> str:
    axis = integers(view, 1)
    if len(axis) != 1:
        return f"{len(axis)} axes, expected 1"
    try:
        axis_of(axis[0], len(view.tensor(0).shape))
    except ValueError as error:
        return str(error)
    return _type_problem(view) or same_shape(view)


def _cumsum(view: OperatorView) -> Cumsum:
    shape = view.tensor(0).shape
    axis = axis_of(integers(view, 1)[0], len(shape))
    return Cumsum(
        **common(view),
        outer=math.prod(shape[:axis]),
        depth=shape[axis],
        inner=math.prod(shape[axis + 1 :]),
        exclusive=bool(view.option("exclusive", default=False)),
        reverse=bool(view.option("reverse", default=False)),
        sum=_scaled_sum(view),
    )


def _cumsum_reference(layer: Cumsum, source: NDArray[Any]) -> NDArray[Any]:
    rows = source.reshape(layer.outer, layer.depth, layer.inner)
    rows = rows[:, ::-1] if layer.reverse else rows
    terms: NDArray[Any] = rows if layer.sum is None else _terms(layer.sum, rows)
    sums = np.cumsum(terms, axis=1, dtype=terms.dtype)
    if layer.exclusive:
        sums = np.concatenate([np.zeros_like(sums[:, :1]), sums[:, :-1]], axis=1)
    if layer.sum is not None:
        sums = _finished(layer.sum, sums + _terms(layer.sum, 0))
    return sums[:, ::-1] if layer.reverse else sums


_EITHER = ("int8", "float32")
_TERM = Input(_EITHER)

OPERATORS = (
    Operator(
        "ADD_N", Rule((_TERM,), _EITHER, repeated=True), _add_n, _add_n_reference, _add_n_problem
    ),
    Operator(
        "CUMSUM",
        Rule((_TERM, Input(INT32, constant=True, scales="none")), _EITHER),
        _cumsum,
        _cumsum_reference,
        _cumsum_problem,
    ),
)
