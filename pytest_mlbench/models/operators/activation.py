"""RELU, RELU6, LEAKY_RELU, LOGISTIC and TANH."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from . import fixed_point, layers
from .layers import Layer
from .numpy_arithmetic import requantise
from .operator import Operator
from .rescale import lower_rescale, ratio, rescale_reference
from .rules import Input, Rule
from .view import common, expect_output

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .numpy_arithmetic import Words
    from .view import View


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


def _relu(view: View) -> layers.Rescale:
    return lower_rescale(view, ratio(view), *q.activation_range("RELU", view.output))


def _relu6(view: View) -> layers.Rescale:
    return lower_rescale(view, q.IDENTITY, *q.activation_range("RELU6", view.output))


def _leaky_relu(view: View) -> LeakyRelu:
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


def _logistic(view: View) -> layers.Lookup:
    expect_output(view, 1 / 256, -128)
    return _fixed_point(view)


def _tanh(view: View) -> layers.Lookup:
    expect_output(view, 1 / 128, 0)
    return _fixed_point(view)


def _fixed_point(view: View) -> layers.Lookup:
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

OPERATORS = (
    Operator("LEAKY_RELU", _ONE, _leaky_relu, _leaky_relu_reference),
    Operator("LOGISTIC", _ONE, _logistic, _lookup_reference),
    Operator("RELU", _ONE, _relu, rescale_reference),
    Operator("RELU6", Rule((Input(scales="shared"),)), _relu6, rescale_reference),
    Operator("TANH", _ONE, _tanh, _lookup_reference),
)
