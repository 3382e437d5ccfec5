"""RELU, RELU6, LEAKY_RELU, PRELU, and tables: LOGISTIC, TANH, HARD_SWISH, ELU, ABS, RSQRT."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from . import fixed_point, float32, layers, tables
from .int16 import scale as scale16
from .int16 import wide
from .layers import Layer
from .numpy_arithmetic import requantise
from .operator import Operator
from .rescale import lower_rescale, ratio, rescale_reference
from .rules import Input, Rule
from .shapes import broadcast_problem, same_shape
from .view import OperatorView, common

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pytest_mlbench.models.tflite.graph import Quantisation

    from .numpy_arithmetic import Words


@dataclass(frozen=True, eq=False)
class LeakyRelu(Layer):
    """LEAKY_RELU: one factor for values >= 0, another for values < 0."""

    count: int
    input_offset: int
    output_offset: int
    multiplier: int
    shift: int
    alpha_multiplier: int
    alpha_shift: int


@dataclass(frozen=True, eq=False)
class LeakyRelu16(LeakyRelu):
    """Of int16."""


@dataclass(frozen=True, eq=False)
class Prelu(Layer):
    """PRELU: values < 0 are multiplied by the second input, alpha, which is broadcast.

    The factor alpha_* scales that product; the other factor scales values >= 0.
    """

    input_shape: tuple[int, ...]
    alpha_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    input_offset: int
    alpha_offset: int
    output_offset: int
    multiplier: int
    shift: int
    alpha_multiplier: int
    alpha_shift: int


@dataclass(frozen=True, eq=False)
class Prelu16(Prelu):
    """Of int16, with alpha of int8."""


def _relu(view: OperatorView) -> layers.Layer:
    return lower_rescale(view, ratio(view), *q.activation_range("RELU", view.output))


def _relu6(view: OperatorView) -> layers.Layer:
    """Clamps stored values by the input's scale and copies them; ignores the output's scale."""
    source = view.tensor(0)
    like = OperatorView(view.operator, view.inputs, (replace(source, index=view.output.index),))
    return lower_rescale(like, q.IDENTITY, *q.activation_range("RELU6", source))


def _leaky_relu(view: OperatorView) -> LeakyRelu:
    source, output = view.tensor(0), view.output
    scale, alpha = source.quantisation.scale, float(np.float32(view.option("alpha")))
    whole = output.quantisation.scale
    above = q.quantize_multiplier(scale / whole)
    below = q.quantize_multiplier(q.product_scale(scale, alpha, whole))
    return (LeakyRelu16 if wide.is_int16(view) else LeakyRelu)(
        **common(view),
        count=source.elements,
        input_offset=-source.quantisation.zero_point,
        output_offset=output.quantisation.zero_point,
        multiplier=above.multiplier,
        shift=above.shift,
        alpha_multiplier=below.multiplier,
        alpha_shift=below.shift,
    )


def _leaky_relu_reference(layer: LeakyRelu, source: NDArray[Any]) -> Words:
    values = source.astype(np.int64) + layer.input_offset
    above = requantise(values, layer.multiplier, layer.shift)
    below = requantise(values, layer.alpha_multiplier, layer.alpha_shift)
    low, high = q.LIMITS["int16" if isinstance(layer, LeakyRelu16) else "int8"]
    clamped: Words = np.clip(np.where(values < 0, below, above) + layer.output_offset, low, high)
    return clamped


def _prelu(view: OperatorView) -> Prelu:
    source, alpha, output = view.tensor(0), view.tensor(1), view.output
    source_quantisation, slope, output_quantisation = (
        source.quantisation,
        alpha.quantisation,
        output.quantisation,
    )
    above = q.quantize_multiplier(source_quantisation.scale / output_quantisation.scale)
    below = q.quantize_multiplier(
        q.product_scale(source_quantisation.scale, slope.scale, output_quantisation.scale)
    )
    return (Prelu16 if wide.is_int16(view) else Prelu)(
        **common(view, 0, 1),
        input_shape=source.shape,
        alpha_shape=alpha.shape,
        output_shape=output.shape,
        input_offset=-source_quantisation.zero_point,
        alpha_offset=-slope.zero_point,
        output_offset=output_quantisation.zero_point,
        multiplier=above.multiplier,
        shift=above.shift,
        alpha_multiplier=below.multiplier,
        alpha_shift=below.shift,
    )


def _prelu_reference(layer: Prelu, source: NDArray[Any], alpha: NDArray[Any]) -> Words:
    values = source.reshape(layer.input_shape).astype(np.int64) + layer.input_offset
    slopes = alpha.reshape(layer.alpha_shape).astype(np.int64) + layer.alpha_offset
    above = requantise(values, layer.multiplier, layer.shift)
    below = requantise(values * slopes, layer.alpha_multiplier, layer.alpha_shift)
    low, high = q.LIMITS["int16" if isinstance(layer, Prelu16) else "int8"]
    clamped: Words = np.clip(np.where(values < 0, below, above) + layer.output_offset, low, high)
    return clamped


def _either_prelu_reference(
    layer: Prelu | float32.Pair32, source: NDArray[Any], alpha: NDArray[Any]
) -> NDArray[Any]:
    if isinstance(layer, float32.Pair32):
        return float32.pair_reference(layer, source, alpha)
    return _prelu_reference(layer, source, alpha)


def _prelu_problem(view: OperatorView) -> str:
    source, alpha = view.tensor(0).dtype, view.tensor(1).dtype
    if (source == "float32") != (alpha == "float32"):
        return f"{source} with alpha of {alpha}"
    if view.output.shape != view.tensor(0).shape:
        return same_shape(view)
    return broadcast_problem(view) or _equal_types(view)


@np.errstate(over="ignore")
def _hard_swish(view: OperatorView) -> layers.Lookup:
    fine = np.float32(view.tensor(0).quantisation.scale) / np.float32(128)
    if fine > np.float32(view.output.quantisation.scale):
        raise q.NotRepresentable("its input's scale is more than 128 times its output's")
    return _table(view, tables.hard_swish)


@np.errstate(over="ignore", invalid="ignore")
def _table(
    view: OperatorView, make: Callable[[Quantisation, Quantisation], NDArray[np.int8]]
) -> layers.Lookup:
    source, output = view.tensor(0), view.output
    return layers.Lookup(
        **common(view),
        count=source.elements,
        table=make(source.quantisation, output.quantisation),
    )


def _elu(view: OperatorView) -> layers.Lookup:
    return _table(view, tables.elu)


def _abs(view: OperatorView) -> layers.Layer:
    return scale16.unary(view) if wide.is_int16(view) else _table(view, tables.absolute)


def _rsqrt(view: OperatorView) -> layers.Layer:
    return scale16.unary(view) if wide.is_int16(view) else _table(view, tables.reciprocal_sqrt)


def _same_type(view: OperatorView) -> str:
    return same_shape(view) or wide.type_problem(view)


def _equal_types(view: OperatorView) -> str:
    """As `_same_type`, but int16 zero points are allowed, because these kernels use them."""
    source, output = view.tensor(0).dtype, view.output.dtype
    return same_shape(view) or ("" if source == output else f"from {source} to {output}")


def _curve(
    layer: layers.Lookup | scale16.Curve16 | scale16.Unary16, source: NDArray[Any]
) -> NDArray[Any]:
    if isinstance(layer, scale16.Curve16):
        return scale16.curve_reference(layer, source)
    if isinstance(layer, scale16.Unary16):
        return scale16.unary_reference(layer, source)
    return _lookup_reference(layer, source)


def _logistic(view: OperatorView) -> layers.Layer:
    """Like the interpreter, assumes scale 1/256 for an int8 output."""
    if wide.is_int16(view):
        return scale16.curve(view)
    if view.output.quantisation.zero_point != -128:
        raise q.NotRepresentable("its output has a zero point other than -128")
    return _fixed_point(view)


def _tanh(view: OperatorView) -> layers.Layer:
    """Like the interpreter, assumes scale 1/128 and zero point 0 for an int8 output."""
    return scale16.curve(view) if wide.is_int16(view) else _fixed_point(view)


def _fixed_point(view: OperatorView) -> layers.Lookup:
    source = view.tensor(0)
    known = source.quantisation
    return layers.Lookup(
        **common(view),
        count=source.elements,
        table=fixed_point.table(view.kind, known.scale, known.zero_point),
    )


def _lookup_reference(layer: layers.Lookup, source: NDArray[Any]) -> NDArray[Any]:
    return layer.table[source.view(np.uint8)]


def _or_float(
    lower: Callable[[OperatorView], layers.Layer],
) -> Callable[[OperatorView], layers.Layer]:
    """`lower`, extended to float32."""
    return lambda view: float32.unary(view) if float32.is_float(view) else lower(view)


def _real(reference: Callable[..., Any]) -> Callable[..., Any]:
    """`reference`, extended to float32."""

    def either(layer: layers.Layer, source: NDArray[Any]) -> NDArray[Any]:
        if isinstance(layer, float32.Unary32):
            return float32.unary_reference(layer, source)
        result: NDArray[Any] = reference(layer, source)
        return result

    return either


_ONE = Rule((Input(),))
_BOTH = ("int8", "int16")
_EITHER = Rule((Input(_BOTH),), _BOTH)
_TYPES = (*_BOTH, "float32")
_REAL = Rule((Input(_TYPES, everything=True),), _TYPES)
_HALF = Rule((Input(("int8", "float32"), everything=True),), ("int8", "float32"))

OPERATORS = (
    Operator("ABS", _REAL, _or_float(_abs), _real(_curve), _equal_types),
    Operator("ELU", _ONE, _elu, _lookup_reference),
    Operator("HARD_SWISH", _HALF, _or_float(_hard_swish), _real(_lookup_reference), _equal_types),
    Operator(
        "PRELU",
        Rule((Input(_TYPES, everything=True), Input(("int8", "float32"))), _TYPES),
        lambda view: float32.pair(view) if float32.is_float(view) else _prelu(view),
        _either_prelu_reference,
        _prelu_problem,
    ),
    Operator("RSQRT", _REAL, _or_float(_rsqrt), _real(_curve), _equal_types),
    Operator(
        "LEAKY_RELU", _REAL, _or_float(_leaky_relu), _real(_leaky_relu_reference), _equal_types
    ),
    Operator("LOGISTIC", _EITHER, _logistic, _curve, _same_type),
    Operator("RELU", _REAL, _or_float(_relu), _real(rescale_reference), _same_type),
    Operator("RELU6", _REAL, _or_float(_relu6), _real(rescale_reference), _same_type),
    Operator("TANH", _EITHER, _tanh, _curve, _same_type),
)
