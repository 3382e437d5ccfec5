"""ADD, SUB, MUL, MAXIMUM and MINIMUM, with broadcasting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from . import float32, layers
from .comparison import Ordered, ordered, ordered_reference
from .int16 import elementwise as elementwise16
from .numpy_arithmetic import Words, requantise
from .operator import Operator
from .pairwise import Pairwise, pairwise, pairwise_reference
from .rules import Input, Rule
from .shapes import broadcast_problem
from .view import common

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pytest_mlbench.models.tflite.graph import Tensor

    from .view import OperatorView


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
    view: OperatorView,
    left: q.Multiplier,
    right: q.Multiplier,
    output: q.Multiplier,
    left_shift: int,
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


def _sum(view: OperatorView) -> layers.Elementwise:
    """ADD and SUB: both operands are scaled to twice the larger input scale."""
    scales = [view.tensor(position).quantisation.scale for position in (0, 1)]
    common_scale = 2 * max(scales)
    return _elementwise(
        view,
        q.smaller_than_one(scales[0] / common_scale),
        q.smaller_than_one(scales[1] / common_scale),
        q.smaller_than_one(common_scale / ((1 << q.LEFT_SHIFT) * view.output.quantisation.scale)),
        q.LEFT_SHIFT,
    )


def _product(view: OperatorView) -> layers.Elementwise:
    left, right = (view.tensor(position).quantisation.scale for position in (0, 1))
    real = q.product_scale(left, right, view.output.quantisation.scale)
    return _elementwise(view, _NO_FACTOR, _NO_FACTOR, q.quantize_multiplier(real), 0)


def _selection(view: OperatorView) -> layers.Elementwise:
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


def _problem(view: OperatorView) -> str:
    types = {view.tensor(0).dtype, view.tensor(1).dtype, view.output.dtype}
    if len(types) != 1:
        return f"its inputs and output are {', '.join(sorted(types))}"
    zeros = [view.tensor(position).quantisation.zero_point for position in (0, 1)]
    added = view.kind in ("ADD", "SUB", "MUL")
    if added and "int16" in types and any((*zeros, view.output.quantisation.zero_point)):
        return "an int16 zero point other than 0"
    return broadcast_problem(view)


def _operator(
    kind: str,
    scales: str,
    lower: Callable[[OperatorView], layers.Elementwise],
    reference: Callable[..., Words],
) -> Operator:
    """An elementwise operator. int8 uses `lower` and `reference`, int16 `elementwise16`; int32,
    and int16 in MAXIMUM and MINIMUM, use `pairwise`; int64, which only these take, `ordered`."""

    def lower_either(view: OperatorView) -> layers.Layer:
        if float32.is_float(view):
            return float32.pair(view)
        if view.output.dtype == "int8":
            return lower(view)
        if view.output.dtype == "int64":
            return ordered(view)
        if view.output.dtype == "int16" and scales == "one":
            return elementwise16.elementwise(view)
        return pairwise(view)

    def reference_either(layer: layers.Layer, *inputs: NDArray[Any]) -> NDArray[Any]:
        if isinstance(layer, Pairwise):
            return pairwise_reference(layer, *inputs)
        if isinstance(layer, Ordered):
            return ordered_reference(layer, *inputs)
        if isinstance(layer, float32.Pair32):
            return float32.pair_reference(layer, *inputs)
        if isinstance(layer, elementwise16.Elementwise16):
            return elementwise16.elementwise_reference(layer, *inputs)
        return reference(layer, *inputs)

    compared = ("int64",) if scales == "raw" else ()
    types = ("int8", "int16", "int32", *compared, "float32")
    one = Input(types, scales=scales, everything=True)
    return Operator(kind, Rule((one, one), types), lower_either, reference_either, _problem)


OPERATORS = (
    _operator("ADD", "one", _sum, _add_reference),
    _operator("SUB", "one", _sum, _sub_reference),
    _operator("MUL", "one", _product, _mul_reference),
    _operator("MAXIMUM", "raw", _selection, _maximum_reference),
    _operator("MINIMUM", "raw", _selection, _minimum_reference),
)
