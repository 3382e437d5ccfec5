"""RELU, RELU6, LOGISTIC and TANH."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from . import fixed_point, layers
from .operator import Operator
from .rescale import lower_rescale, ratio, rescale_reference
from .rules import Input, Rule
from .view import common, expect_output

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import View


def _relu(view: View) -> layers.Rescale:
    return lower_rescale(view, ratio(view), *q.activation_range("RELU", view.output))


def _relu6(view: View) -> layers.Rescale:
    return lower_rescale(view, q.IDENTITY, *q.activation_range("RELU6", view.output))


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
    Operator("LOGISTIC", _ONE, _logistic, _lookup_reference),
    Operator("RELU", _ONE, _relu, rescale_reference),
    Operator("RELU6", Rule((Input(scales="shared"),)), _relu6, rescale_reference),
    Operator("TANH", _ONE, _tanh, _lookup_reference),
)
