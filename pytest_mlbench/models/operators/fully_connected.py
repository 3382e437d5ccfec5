"""FULLY_CONNECTED."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from . import int16, layers
from .numpy_arithmetic import Words, bias, finish
from .operator import Operator
from .rules import Input, Rule
from .shapes import expect_bias
from .view import common, dims
from .weights import bias_of, int8_of, weights_problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import OperatorView


def _problem(view: OperatorView) -> str:
    weights = view.tensor(1)
    if len(weights.shape) != 2:
        return f"its weights are {dims(weights.shape)}, expected 2 dimensions"
    if view.option("weights_format", "DEFAULT") != "DEFAULT":
        return f"its weights have the format {view.option('weights_format')}"
    outputs, features = weights.shape
    batches, rest = divmod(view.tensor(0).elements, features)
    if rest:
        return f"input 0 is {dims(view.tensor(0).shape)}, expected rows of {features}"
    if view.output.elements != batches * outputs or view.output.shape[-1:] != (outputs,):
        return f"its output is {dims(view.output.shape)}, expected {batches}x{outputs}"
    return (
        expect_bias(view, outputs)
        or weights_problem(view, outputs, 0, offset=True)
        or int16.type_problem(view)
    )


def _lower(view: OperatorView) -> layers.Layer:
    """Weights with one scale have one factor, others one per output."""
    if int16.is_int16(view):
        return int16.fully_connected(view)
    source, weights, output = view.tensor(0), view.tensor(1), view.output
    outputs, features = weights.shape
    scales = weights.quantisation.scales
    multipliers, shifts = q.quantize_multipliers(
        q.product_scale(source.quantisation.scale, scale, output.quantisation.scale)
        for scale in scales
    )
    low, high = q.activation_range(view.option("fused_activation_function", "NONE"), output)
    constant = weights.data is not None
    return layers.FullyConnected(
        **common(view, *((0,) if constant else (0, 1)), macs=output.elements * features),
        batches=source.elements // features,
        in_features=features,
        out_features=outputs,
        weights=int8_of(weights) if constant else None,
        bias=bias_of(view),
        input_offset=-source.quantisation.zero_point,
        weights_offset=-weights.quantisation.zero_point,
        output_offset=output.quantisation.zero_point,
        multipliers=multipliers,
        shifts=shifts,
        activation_min=low,
        activation_max=high,
    )


def _reference(
    layer: layers.FullyConnected | int16.FullyConnected16,
    source: NDArray[Any],
    *more: NDArray[Any],
) -> Words:
    if isinstance(layer, int16.FullyConnected16):
        return int16.fully_connected_reference(layer, source)
    weights = layer.weights if layer.weights is not None else more[0]
    rows = weights.reshape(layer.out_features, layer.in_features).astype(np.int64)
    values = source.reshape(layer.batches, layer.in_features).astype(np.int64)
    sums = (values + layer.input_offset) @ (rows + layer.weights_offset).T
    return finish(layer, sums + bias(layer.bias))


OPERATORS = (
    Operator(
        "FULLY_CONNECTED",
        Rule(
            (
                Input(("int8", "int16")),
                Input(scales="many"),
                Input(("int32", "int64"), constant=True, optional=True, scales="none"),
            ),
            ("int8", "int16"),
        ),
        _lower,
        _reference,
        _problem,
    ),
)
