"""Logical operators, SQUARED_DIFFERENCE, and arithmetic of int32 (of indices)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from . import float32, layers
from .layers import Layer
from .numpy_arithmetic import requantise
from .operator import Operator
from .rules import Input, Rule
from .shapes import broadcast_problem
from .view import common

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from .view import OperatorView

OPERATIONS = (
    "ADD",
    "SUB",
    "MUL",
    "MAXIMUM",
    "MINIMUM",
    "SQUARED_DIFFERENCE",
    "EQUAL",
    "NOT_EQUAL",
    "GREATER",
    "GREATER_EQUAL",
    "LESS",
    "LESS_EQUAL",
    "LOGICAL_AND",
    "LOGICAL_OR",
    "DIV",
)
"""An operation's position in this list is its number in the kernel."""

BOUNDS = {
    "NONE": (-(1 << 31), (1 << 31) - 1),
    "RELU": (0, (1 << 31) - 1),
    "RELU_N1_TO_1": (-1, 1),
    "RELU6": (0, 6),
}
"""Fused activations of int32."""

_DIFFERENCE_SHIFT = 7


@dataclass(frozen=True, eq=False)
class Side:
    """One operand: (stored + offset) * 2**left_shift, scaled; unchanged if multiplier is 0."""

    shape: tuple[int, ...]
    offset: int = 0
    multiplier: int = 0
    shift: int = 0


@dataclass(frozen=True, eq=False)
class Pairwise(Layer):
    """`operation` is an index into OPERATIONS. input_dtype and output_dtype: int8, int16, int32 or
    bool. If output_multiplier is not 0, the result is scaled and offset; then it is clamped."""

    operation: int
    input_dtype: str
    output_dtype: str
    left: Side
    right: Side
    output_shape: tuple[int, ...]
    left_shift: int = 0
    output_offset: int = 0
    output_multiplier: int = 0
    output_shift: int = 0
    activation_min: int = -(1 << 31)
    activation_max: int = (1 << 31) - 1


def pairwise(view: OperatorView) -> Pairwise:
    """Lowers operators on values that are not quantised, or whose stored values are compared.

    Bounds of a fused activation are integers. Like the interpreter, ignores ADD's activation.
    """
    left, right = view.tensor(0), view.tensor(1)
    activation = view.option("fused_activation_function", "NONE")
    activation = "NONE" if view.kind == "ADD" else activation
    if activation not in BOUNDS:
        raise q.NotRepresentable(f"the fused activation {activation} of {left.dtype}")
    low, high = BOUNDS[activation]
    return Pairwise(
        **common(view, 0, 1),
        operation=OPERATIONS.index(view.kind),
        input_dtype=left.dtype,
        output_dtype=view.output.dtype,
        left=Side(left.shape),
        right=Side(right.shape),
        output_shape=view.output.shape,
        activation_min=low,
        activation_max=high,
    )


def side(view: OperatorView, position: int, real: float) -> Side:
    """The quantised operand at `position`, scaled by `real`, which is below 1."""
    tensor = view.tensor(position)
    factor = q.smaller_than_one(real)
    zero = tensor.quantisation.zero_point
    return Side(tensor.shape, -zero, factor.multiplier, factor.shift)


def _squared_difference(view: OperatorView) -> Pairwise | float32.Pair32:
    dtype = view.tensor(0).dtype
    if dtype == "float32":
        return float32.pair(view)
    if dtype not in q.LIMITS:
        return pairwise(view)
    bits = _DIFFERENCE_SHIFT if dtype == "int8" else 0
    scales = [view.tensor(position).quantisation.scale for position in (0, 1)]
    twice = 2 * max(scales)
    output = view.output.quantisation
    factor = q.quantize_multiplier(twice * twice / ((1 << 2 * bits) * output.scale))
    low, high = q.LIMITS[dtype]
    return Pairwise(
        **common(view, 0, 1),
        operation=OPERATIONS.index(view.kind),
        input_dtype=dtype,
        output_dtype=dtype,
        left=side(view, 0, scales[0] / twice),
        right=side(view, 1, scales[1] / twice),
        output_shape=view.output.shape,
        left_shift=bits,
        output_offset=output.zero_point,
        output_multiplier=factor.multiplier,
        output_shift=factor.shift,
        activation_min=low,
        activation_max=high,
    )


def _quotient(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    """Rounded towards 0. Division by 0 saturates; it is undefined in TensorFlow Lite."""
    limits = np.where(left < 0, -(1 << 31), np.where(left > 0, (1 << 31) - 1, 0))
    size = np.abs(left) // np.where(right == 0, 1, np.abs(right))
    return np.where(right == 0, limits, np.where((left < 0) != (right < 0), -size, size))


_FUNCTIONS: tuple[Callable[[Any, Any], Any], ...] = (
    np.add,
    np.subtract,
    np.multiply,
    np.maximum,
    np.minimum,
    lambda left, right: (left - right) * (left - right),
    np.equal,
    np.not_equal,
    np.greater,
    np.greater_equal,
    np.less,
    np.less_equal,
    np.logical_and,
    np.logical_or,
    _quotient,
)


def _operand(layer: Pairwise, side: Side, stored: NDArray[Any]) -> NDArray[np.int64]:
    values = stored.reshape(side.shape).astype(np.int64) + side.offset
    if side.multiplier:
        return requantise(values << layer.left_shift, side.multiplier, side.shift)
    return values


def pairwise_reference(layer: Pairwise, *inputs: NDArray[Any]) -> NDArray[Any]:
    """The numpy reference."""
    sides = (layer.left, layer.right)
    left, right = (_operand(layer, *pair) for pair in zip(sides, inputs, strict=True))
    result: NDArray[Any] = _FUNCTIONS[layer.operation](left, right)
    if result.dtype == np.bool_:
        return result
    result = result.astype(np.int32).astype(np.int64)
    if layer.output_multiplier:
        scaled = requantise(result, layer.output_multiplier, layer.output_shift)
        result = scaled + layer.output_offset
    return np.clip(result, layer.activation_min, layer.activation_max)


def _difference_reference(layer: Pairwise | float32.Pair32, *inputs: NDArray[Any]) -> NDArray[Any]:
    if isinstance(layer, float32.Pair32):
        return float32.pair_reference(layer, *inputs)
    return pairwise_reference(layer, *inputs)


def type_problem(view: OperatorView) -> str:
    """What is wrong with the types and shapes of two operands; empty if nothing is."""
    if view.tensor(0).dtype != view.tensor(1).dtype:
        return f"{view.tensor(0).dtype} and {view.tensor(1).dtype}"
    return broadcast_problem(view)


def _not(view: OperatorView) -> layers.Lookup:
    table = np.zeros(256, np.int8)
    table[0] = 1
    return layers.Lookup(**common(view), count=view.output.elements, table=table)


def _not_reference(_layer: layers.Lookup, source: NDArray[Any]) -> NDArray[np.bool_]:
    result: NDArray[np.bool_] = np.logical_not(source)
    return result


_BOOL = Input(("bool",), scales="none")
_NUMBERS = ("int8", "int16", "int32", "float32")
_LOGICAL = Rule((_BOOL, _BOOL), ("bool",), quantised=False)

OPERATORS = (
    Operator("LOGICAL_AND", _LOGICAL, pairwise, pairwise_reference, type_problem),
    Operator("LOGICAL_NOT", Rule((_BOOL,), ("bool",), quantised=False), _not, _not_reference),
    Operator("LOGICAL_OR", _LOGICAL, pairwise, pairwise_reference, type_problem),
    Operator(
        "SQUARED_DIFFERENCE",
        Rule((Input(_NUMBERS),) * 2, _NUMBERS),
        _squared_difference,
        _difference_reference,
        type_problem,
    ),
)
