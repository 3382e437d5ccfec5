"""FULLY_CONNECTED."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from . import layers
from .int16 import wide
from .int16.weighted import FullyConnected16, finish_either
from .numpy_arithmetic import Words, bias, finish
from .operator import Operator
from .rules import Input, Rule
from .shapes import expect_bias
from .view import common, dims
from .weights import bias_of, is_computed, weights_of, weights_problem, with_bias

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.models.tflite.graph import Tensor

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
        or weights_problem(view, outputs, 0)
        or wide.type_problem(view)
        or wide.bias_problem(view, narrow=True)
    )


def _lower(view: OperatorView) -> layers.Layer:
    """Weights with one scale get one factor, others one factor per output."""
    source, weights, output = view.tensor(0), view.tensor(1), view.output
    outputs, features = weights.shape
    scales = weights.quantisation.scales
    multipliers, shifts = q.quantize_multipliers(
        q.product_scale(source.quantisation.scale, scale, output.quantisation.scale)
        for scale in scales
    )
    low, high = q.activation_range(view.option("fused_activation_function", "NONE"), output)
    stored, positions = weights_of(view)
    known: dict[str, Any] = {
        **common(view, *positions, macs=output.elements * features),
        "batches": source.elements // features,
        "in_features": features,
        "out_features": outputs,
        "weights": stored,
        "input_offset": -source.quantisation.zero_point,
        "weights_offset": _weights_offset(weights),
        "output_offset": output.quantisation.zero_point,
        "shifts": shifts,
        "activation_min": low,
        "activation_max": high,
    }
    computed = is_computed(view.optional(2))
    if wide.is_int16(view):
        narrow = wide.narrow_sums(view)
        return FullyConnected16(
            **known,
            multipliers=multipliers if narrow else wide.short(multipliers),
            narrow=narrow,
            bias=bias_of(view) if narrow else wide.wide_bias(view),
            computed_bias=computed,
        )
    if computed:
        return layers.BiasComputed(**known, multipliers=multipliers)
    return layers.FullyConnected(**known, multipliers=multipliers, bias=bias_of(view))


def _weights_offset(weights: Tensor) -> int:
    """Like the interpreter, uses the zero point only if all outputs share one scale."""
    known = weights.quantisation
    return -known.zero_point if len(known.scales) == 1 else 0


def _reference(
    layer: layers.FullyConnected | layers.BiasComputed | FullyConnected16,
    source: NDArray[Any],
    *more: NDArray[Any],
) -> Words:
    if isinstance(layer, FullyConnected16):
        layer, more = with_bias(layer, more)
    weights = layer.weights if layer.weights is not None else more[0]
    rows = weights.reshape(layer.out_features, layer.in_features).astype(np.int64)
    values = source.reshape(layer.batches, layer.in_features).astype(np.int64)
    sums = (values + layer.input_offset) @ (rows + layer.weights_offset).T
    if isinstance(layer, FullyConnected16):
        return finish_either(layer, sums)
    offset = more[-1] if isinstance(layer, layers.BiasComputed) else layer.bias
    return finish(layer, sums + bias(offset))


OPERATORS = (
    Operator(
        "FULLY_CONNECTED",
        Rule(
            (
                Input(("int8", "int16")),
                Input(scales="many"),
                Input(("int32", "int64"), optional=True, scales="none"),
            ),
            ("int8", "int16"),
        ),
        _lower,
        _reference,
        _problem,
    ),
)
