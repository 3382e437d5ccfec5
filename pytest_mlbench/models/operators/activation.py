"""RELU, RELU6, LEAKY_RELU, PRELU, and tables: LOGISTIC, TANH, HARD_SWISH, ELU, ABS, RSQRT."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from . import fixed_point, int16, layers, tables
from .layers import Layer
from .numpy_arithmetic import requantise
from .operator import Operator
from .rescale import lower_rescale, ratio, rescale_reference
from .rules import Input, Rule
from .shapes import broadcast_problem, same_shape
from .view import common, expect_output

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pytest_mlbench.models.tflite.graph import Quantisation

    from .numpy_arithmetic import Words
    from .view import OperatorView


@dataclass(frozen=True, eq=False)
class LeakyRelu(Layer):
    """LEAKY_RELU: one factor for values from zero on, one for those below."""

    count: int
    input_offset: int
    output_offset: int
    multiplier: int
    shift: int
    alpha_multiplier: int
    alpha_shift: int


@dataclass(frozen=True, eq=False)
class Prelu(Layer):
    """PRELU: values below zero are multiplied by `alpha`, the second input, broadcast. The factor
    alpha_* scales that product, the other one values from zero on."""

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


def _relu(view: OperatorView) -> layers.Layer:
    if int16.is_int16(view):
        return int16.rescale(view, ratio(view), *q.activation_range("RELU", view.output))
    return lower_rescale(view, ratio(view), *q.activation_range("RELU", view.output))


def _relu6(view: OperatorView) -> layers.Layer:
    if int16.is_int16(view):
        return int16.rescale(view, q.IDENTITY, *q.activation_range("RELU6", view.output))
    return lower_rescale(view, q.IDENTITY, *q.activation_range("RELU6", view.output))


@np.errstate(over="ignore")
def _leaky_relu(view: OperatorView) -> LeakyRelu:
    """Both factors are computed in float32, as the interpreter does."""
    source, output = view.tensor(0), view.output
    scale, alpha = np.float32(source.quantisation.scale), np.float32(view.option("alpha"))
    whole = np.float32(output.quantisation.scale)
    above = q.quantize_multiplier(float(scale / whole))
    below = q.quantize_multiplier(float(scale * alpha / whole))
    return LeakyRelu(
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
    clamped: Words = np.clip(np.where(values < 0, below, above) + layer.output_offset, -128, 127)
    return clamped


def _prelu(view: OperatorView) -> Prelu:
    source, alpha, output = view.tensor(0), view.tensor(1), view.output
    known, slope, made = source.quantisation, alpha.quantisation, output.quantisation
    above = q.quantize_multiplier(known.scale / made.scale)
    below = q.quantize_multiplier(q.product_scale(known.scale, slope.scale, made.scale))
    return Prelu(
        **common(view, 0, 1),
        input_shape=source.shape,
        alpha_shape=alpha.shape,
        output_shape=output.shape,
        input_offset=-known.zero_point,
        alpha_offset=-slope.zero_point,
        output_offset=made.zero_point,
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
    clamped: Words = np.clip(np.where(values < 0, below, above) + layer.output_offset, -128, 127)
    return clamped


def _prelu_problem(view: OperatorView) -> str:
    if view.output.shape != view.tensor(0).shape:
        return same_shape(view)
    return broadcast_problem(view)


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


def _abs(view: OperatorView) -> layers.Lookup:
    return _table(view, tables.absolute)


def _rsqrt(view: OperatorView) -> layers.Lookup:
    return _table(view, tables.reciprocal_sqrt)


def _same_type(view: OperatorView) -> str:
    return same_shape(view) or int16.type_problem(view, bias=False)


def _rescaled(layer: layers.Rescale | int16.Rescale16, source: NDArray[Any]) -> Words:
    if isinstance(layer, int16.Rescale16):
        return int16.rescale_reference(layer, source)
    return rescale_reference(layer, source)


def _curve(layer: layers.Lookup | int16.Curve16, source: NDArray[Any]) -> NDArray[Any]:
    if isinstance(layer, int16.Curve16):
        return int16.curve_reference(layer, source)
    return _lookup_reference(layer, source)


def _logistic(view: OperatorView) -> layers.Layer:
    if int16.is_int16(view):
        return int16.curve(view)
    expect_output(view, 1 / 256, -128)
    return _fixed_point(view)


def _tanh(view: OperatorView) -> layers.Layer:
    if int16.is_int16(view):
        return int16.curve(view)
    expect_output(view, 1 / 128, 0)
    return _fixed_point(view)


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


_ONE = Rule((Input(),))
_BOTH = ("int8", "int16")
_EITHER = Rule((Input(_BOTH),), _BOTH)
_SHARED = Rule((Input(_BOTH, scales="shared"),), _BOTH)

OPERATORS = (
    Operator("ABS", _ONE, _abs, _lookup_reference),
    Operator("ELU", _ONE, _elu, _lookup_reference),
    Operator("HARD_SWISH", _ONE, _hard_swish, _lookup_reference),
    Operator("PRELU", Rule((Input(), Input())), _prelu, _prelu_reference, _prelu_problem),
    Operator("RSQRT", _ONE, _rsqrt, _lookup_reference),
    Operator("LEAKY_RELU", _ONE, _leaky_relu, _leaky_relu_reference),
    Operator("LOGISTIC", _EITHER, _logistic, _curve, _same_type),
    Operator("RELU", _EITHER, _relu, _rescaled, _same_type),
    Operator("RELU6", _SHARED, _relu6, _rescaled, _same_type),
    Operator("TANH", _EITHER, _tanh, _curve, _same_type),
)
