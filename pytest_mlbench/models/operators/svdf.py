"""SVDF: a dense layer over time of low rank, with a state (Nakkiran et al., "Compressing Deep
Neural Networks using a Rank-Constrained Topology", Interspeech 2015)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from .layers import Layer
from .numpy_arithmetic import Words, requantise
from .operator import Operator
from .rules import INT32, Input, Rule
from .shapes import expect
from .view import common, dims

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import OperatorView


@dataclass(frozen=True, eq=False)
class Svdf(Layer):
    """The second input is the state, int16 [batches, filters, memory], which the kernel updates.
    feature_weights int8 [filters, features], time_weights int16 [filters, memory], bias int32
    [units] or None; units = filters / rank. One factor scales features to the state, the other
    scales the result to the output."""

    batches: int
    features: int
    units: int
    rank: int
    memory: int
    feature_weights: NDArray[np.int8]
    time_weights: NDArray[np.int16]
    bias: NDArray[np.int32] | None
    input_offset: int
    output_offset: int
    state_multiplier: int
    state_shift: int
    multiplier: int
    shift: int


def _problem(view: OperatorView) -> str:
    source, feature, time = view.tensor(0), view.tensor(1), view.tensor(2)
    rank = view.option("rank")
    if len(source.shape) != 2 or len(feature.shape) != 2 or len(time.shape) != 2:
        return "its input and weights are not of 2 dimensions each"
    filters, features = feature.shape
    if rank < 1 or filters % rank or time.shape[0] != filters or source.shape[1] != features:
        return (
            f"an input {dims(source.shape)} and weights {dims(feature.shape)} and "
            f"{dims(time.shape)} do not fit a rank of {rank}"
        )
    state = view.optional(4)
    if state is None:
        return "it has no state"
    if state.elements != source.shape[0] * filters * time.shape[1]:
        return f"a state of {dims(state.shape)}"
    if not state.variable:
        return "its state is not a variable"
    bias = view.optional(3)
    if bias is not None and bias.elements != filters // rank:
        return f"its bias has {bias.elements} values, expected {filters // rank}"
    return expect(view, (source.shape[0], filters // rank))


@np.errstate(over="ignore")
def _lower(view: OperatorView) -> Svdf:
    """Factors are computed in float32, as the interpreter does."""
    source, feature, time, state = (view.tensor(position) for position in (0, 1, 2, 4))
    scales = [np.float32(one.quantisation.scale) for one in (source, feature, time, state)]
    output = np.float32(view.output.quantisation.scale)
    to_state = q.quantize_multiplier(float(scales[0] * scales[1] / scales[3]))
    to_output = q.quantize_multiplier(float(scales[3] * scales[2] / output))
    filters, features = feature.shape
    rank, memory, bias = view.option("rank"), time.shape[1], view.optional(3)
    assert feature.data is not None
    assert time.data is not None
    return Svdf(
        **common(view, 0, 4, macs=source.shape[0] * filters * (features + memory)),
        batches=source.shape[0],
        features=features,
        units=filters // rank,
        rank=rank,
        memory=memory,
        feature_weights=feature.data.astype(np.int8),
        time_weights=time.data.astype(np.int16),
        bias=None if bias is None or bias.data is None else bias.data.astype(np.int32),
        input_offset=-source.quantisation.zero_point,
        output_offset=view.output.quantisation.zero_point,
        state_multiplier=to_state.multiplier,
        state_shift=to_state.shift,
        multiplier=to_output.multiplier,
        shift=to_output.shift,
    )


def _reference(layer: Svdf, source: NDArray[Any], state: NDArray[Any]) -> Words:
    """Also updates `state`."""
    filters = layer.units * layer.rank
    flat = state.reshape(-1)
    # The whole state moves by one; values from the next filter are overwritten below.
    flat[:-1] = flat[1:].copy()
    rows = flat.reshape(layer.batches, filters, layer.memory)
    values = source.reshape(layer.batches, layer.features).astype(np.int64) + layer.input_offset
    dots = values @ layer.feature_weights.astype(np.int64).T
    rows[:, :, -1] = np.clip(
        requantise(dots, layer.state_multiplier, layer.state_shift), -(1 << 15), (1 << 15) - 1
    )
    sums = (rows.astype(np.int64) * layer.time_weights.astype(np.int64)).sum(axis=2)
    totals = sums.reshape(layer.batches, layer.units, layer.rank).sum(axis=2)
    if layer.bias is not None:
        totals = totals + layer.bias.astype(np.int64)
    scaled = requantise(totals, layer.multiplier, layer.shift) + layer.output_offset
    clamped: Words = np.clip(scaled, -128, 127)
    return clamped


OPERATORS = (
    Operator(
        "SVDF",
        Rule(
            (
                Input(),
                Input(constant=True),
                Input(("int16",), constant=True),
                Input(INT32, constant=True, optional=True, scales="none"),
                Input(("int16",)),
            )
        ),
        _lower,
        _reference,
        _problem,
    ),
)
