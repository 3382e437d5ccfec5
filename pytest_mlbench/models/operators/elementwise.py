"""ADD, SUB, MUL, MAXIMUM and MINIMUM, with broadcasting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from . import layers
from .numpy_arithmetic import Words, requantise
from .operator import Operator
from .rules import Input, Rule
from .shapes import MAX_RANK, expect
from .view import common, dims

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.models.tflite.graph import Tensor

    from .view import View


def broadcast_problem(view: View) -> str:
    """What is wrong with two operands' shapes and the output's."""
    left, right = view.tensor(0).shape, view.tensor(1).shape
    rank = max(len(left), len(right))
    if rank > MAX_RANK:
        return f"{rank} dimensions, expected at most {MAX_RANK}"
    pairs = list(
        zip((1,) * (rank - len(left)) + left, (1,) * (rank - len(right)) + right, strict=True)
    )
    if any(a != b and 1 not in (a, b) for a, b in pairs):
        return f"{dims(left)} and {dims(right)} do not broadcast"
    return expect(view, tuple(max(a, b) for a, b in pairs))


def _operand(tensor: Tensor, factor: q.Multiplier) -> layers.Operand:
    return layers.Operand(
        shape=tensor.shape,
        offset=-tensor.quantisation.zero_point,
        multiplier=factor.multiplier,
        shift=factor.shift,
        data=tensor.data,  # type: ignore[arg-type]
    )


_NO_FACTOR = q.Multiplier(0, 0)


def _elementwise(
    view: View, left: q.Multiplier, right: q.Multiplier, output: q.Multiplier, left_shift: int
) -> layers.Elementwise:
    activation = view.option("fused_activation_function", "NONE")
    low, high = q.activation_range(activation, view.output)
    return layers.Elementwise(
        **common(view, 0, 1),
        left=_operand(view.tensor(0), left),
        right=_operand(view.tensor(1), right),
        output_shape=view.output.shape,
        left_shift=left_shift,
        output_offset=view.output.quantisation.zero_point,
        output_multiplier=output.multiplier,
        output_shift=output.shift,
        activation_min=low,
        activation_max=high,
    )


def _sum(view: View) -> layers.Elementwise:
    """ADD and SUB: both operands are brought to twice the larger input scale."""
    scales = [view.tensor(position).quantisation.scale for position in (0, 1)]
    common_scale = 2 * max(scales)
    return _elementwise(
        view,
        q.smaller_than_one(scales[0] / common_scale),
        q.smaller_than_one(scales[1] / common_scale),
        q.smaller_than_one(common_scale / ((1 << q.LEFT_SHIFT) * view.output.quantisation.scale)),
        q.LEFT_SHIFT,
    )


def _product(view: View) -> layers.Elementwise:
    left, right = (view.tensor(position).quantisation.scale for position in (0, 1))
    real = q.product_scale(left, right, view.output.quantisation.scale)
    return _elementwise(view, _NO_FACTOR, _NO_FACTOR, q.quantize_multiplier(real), 0)


def _selection(view: View) -> layers.Elementwise:
    return _elementwise(view, _NO_FACTOR, _NO_FACTOR, _NO_FACTOR, 0)


def _sides(layer: layers.Elementwise, inputs: tuple[NDArray[Any], ...]) -> tuple[Words, Words]:
    """Both operands' stored values, in their shapes."""
    left, right = inputs
    return (
        left.reshape(layer.left.shape).astype(np.int64),
        right.reshape(layer.right.shape).astype(np.int64),
    )


def _finished(layer: layers.Elementwise, raw: Words) -> Words:
    scaled = requantise(raw, layer.output_multiplier, layer.output_shift) + layer.output_offset
    clamped: Words = np.clip(scaled, layer.activation_min, layer.activation_max)
    return clamped


def _terms(layer: layers.Elementwise, inputs: tuple[NDArray[Any], ...]) -> tuple[Words, Words]:
    """ADD's and SUB's operands on their common scale."""
    left, right = _sides(layer, inputs)
    return (
        requantise(
            (left + layer.left.offset) << layer.left_shift, layer.left.multiplier, layer.left.shift
        ),
        requantise(
            (right + layer.right.offset) << layer.left_shift,
            layer.right.multiplier,
            layer.right.shift,
        ),
    )


def _add_reference(layer: layers.Elementwise, *inputs: NDArray[Any]) -> Words:
    left, right = _terms(layer, inputs)
    return _finished(layer, left + right)


def _sub_reference(layer: layers.Elementwise, *inputs: NDArray[Any]) -> Words:
    left, right = _terms(layer, inputs)
    return _finished(layer, left - right)


def _mul_reference(layer: layers.Elementwise, *inputs: NDArray[Any]) -> Words:
    left, right = _sides(layer, inputs)
    return _finished(layer, (left + layer.left.offset) * (right + layer.right.offset))


def _maximum_reference(layer: layers.Elementwise, *inputs: NDArray[Any]) -> Words:
    return np.maximum(*_sides(layer, inputs))


def _minimum_reference(layer: layers.Elementwise, *inputs: NDArray[Any]) -> Words:
    return np.minimum(*_sides(layer, inputs))


_PAIR = Rule((Input(), Input()))
_ALIKE = Rule((Input(scales="raw"), Input(scales="raw")))

OPERATORS = (
    Operator("ADD", _PAIR, _sum, _add_reference, broadcast_problem),
    Operator("SUB", _PAIR, _sum, _sub_reference, broadcast_problem),
    Operator("MUL", _PAIR, _product, _mul_reference, broadcast_problem),
    Operator("MAXIMUM", _ALIKE, _selection, _maximum_reference, broadcast_problem),
    Operator("MINIMUM", _ALIKE, _selection, _minimum_reference, broadcast_problem),
)
