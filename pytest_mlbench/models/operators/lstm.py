"""UNIDIRECTIONAL_SEQUENCE_LSTM: int8 or int16 activations, int8 weights, a cell state of int16.

Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997, with a forget gate; without peepholes,
projection and layer normalisation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from .int16 import wide
from .layers import Layer
from .numpy_arithmetic import Words, requantise
from .operator import Operator
from .rules import Input, Rule
from .shapes import expect
from .sigmoid16 import sigmoid, tanh
from .view import common, dims
from .weights import int8_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.models.tflite.graph import Quantisation

    from .view import OperatorView

GATES = ("input", "forget", "cell", "output")
"""In the order of the operator's inputs: 1 to 4, 5 to 8 and 12 to 15."""

HIDDEN, CELL = 18, 19
"""The inputs that hold the state."""

_GATE_SCALE = 2.0**-12
_UNIT_SCALE = 2.0**-15
_SHORT = (-(1 << 15), (1 << 15) - 1)


@dataclass(frozen=True, eq=False)
class Gate:
    """input_weights int8 [units, features], recurrent_weights int8 [units, units], bias int32
    [units] or None (int16x8: int64). The factors scale both products to Q3.12; their multipliers
    have 31 bits (int16x8: 15 bits)."""

    input_weights: NDArray[np.int8]
    recurrent_weights: NDArray[np.int8]
    bias: NDArray[np.int32] | NDArray[np.int64] | None
    input_multiplier: int
    input_shift: int
    recurrent_multiplier: int
    recurrent_shift: int


@dataclass(frozen=True, eq=False)
class Lstm(Layer):
    """Inputs: the sequence [batches, steps, features], or with `time_major` [steps, batches,
    features]; the hidden state int8 [batches, units]; the cell state int16 [batches, units].

    gates are in the order of `GATES`. The cell state is in Q(15 + cell_power).(-cell_power).
    `cell_clip` 0 means no clipping.
    """

    batches: int
    steps: int
    features: int
    units: int
    time_major: bool
    gates: tuple[Gate, Gate, Gate, Gate]
    input_offset: int
    hidden_offset: int
    output_offset: int
    cell_power: int
    cell_clip: int
    forget_multiplier: int
    forget_shift: int
    update_multiplier: int
    update_shift: int
    output_multiplier: int
    output_shift: int


@dataclass(frozen=True, eq=False)
class Lstm16(Lstm):
    """int16x8: sequence, hidden state and output are int16 with zero point 0."""


def _problem(view: OperatorView) -> str:
    shape = view.tensor(0).shape
    if len(shape) != 3:
        return f"its input is {dims(shape)}, expected 3 dimensions"
    absent = [place for place in (9, 10, 11, 16, 17, 20, 21, 22, 23) if view.optional(place)]
    if absent:
        return f"input {absent[0]} (peephole, projection or layer normalisation)"
    if view.option("fused_activation_function", "NONE") != "TANH":
        return f"the fused activation {view.option('fused_activation_function')}, expected TANH"
    if len(view.tensor(2).shape) != 2:
        return f"input 2 is {dims(view.tensor(2).shape)}, expected 2 dimensions"
    units, features = view.tensor(2).shape[0], shape[2]
    batches = shape[1] if view.option("time_major") else shape[0]
    for place in range(1, 9):
        tensor = view.tensor(place)
        wanted = (units, features if place < 5 else units)
        if tensor.shape != wanted:
            return f"input {place} is {dims(tensor.shape)}, expected {dims(wanted)}"
        if any(tensor.quantisation.zero_points):
            return f"input {place} has a zero point other than 0"
        bias = view.optional(11 + place) if place < 5 else None
        if bias is not None and bias.elements != units:
            return f"input {11 + place} has {bias.elements} values, expected {units}"
    for place in (HIDDEN, CELL):
        if view.tensor(place).elements != batches * units or not view.tensor(place).variable:
            return f"its state, input {place}, is {dims(view.tensor(place).shape)}"
    if view.tensor(HIDDEN).dtype != view.tensor(0).dtype:
        return f"its hidden state is {view.tensor(HIDDEN).dtype}"
    power = math.log2(view.tensor(CELL).quantisation.scale)
    if power != math.floor(power) or not -15 <= power <= 0:
        return f"its cell state has the scale {2.0**power:g}, expected a power of 2 up to 1"
    return (
        wide.type_problem(view)
        or next(filter(None, (wide.bias_problem(view, place) for place in range(12, 16))), "")
        or expect(view, (*shape[:2], units))
    )


def _factor(view: OperatorView, source: Quantisation, weights: Quantisation) -> tuple[int, int]:
    """Multiplier and shift that scale products of `source` and `weights` to Q3.12."""
    made = q.quantize_multiplier(q.product_scale(source.scale, weights.scale, _GATE_SCALE))
    if wide.is_int16(view):
        return int(wide.short(np.array(made.multiplier))), made.shift
    return made.multiplier, made.shift


def _gate(view: OperatorView, number: int) -> Gate:
    source, hidden = view.tensor(0).quantisation, view.tensor(HIDDEN).quantisation
    weights, recurrent = view.tensor(1 + number), view.tensor(5 + number)
    new = _factor(view, source, weights.quantisation)
    old = _factor(view, hidden, recurrent.quantisation)
    bias = wide.wide_bias(view, 12 + number)
    if bias is not None and not wide.is_int16(view):
        bias = bias.astype(np.int32)
    return Gate(int8_of(weights), int8_of(recurrent), bias, *new, *old)


@np.errstate(over="ignore")
def _lower(view: OperatorView) -> Lstm:
    shape, units = view.tensor(0).shape, view.tensor(2).shape[0]
    time_major = bool(view.option("time_major"))
    steps, batches = shape[:2] if time_major else (shape[1], shape[0])
    hidden, cell = view.tensor(HIDDEN).quantisation, view.tensor(CELL).quantisation
    forget = q.quantize_multiplier(q.product_scale(_UNIT_SCALE, cell.scale, cell.scale))
    update = q.quantize_multiplier(q.product_scale(_UNIT_SCALE, _UNIT_SCALE, cell.scale))
    output = q.quantize_multiplier(q.product_scale(_UNIT_SCALE, _UNIT_SCALE, hidden.scale))
    clip = float(np.float32(view.option("cell_clip", 0.0)) / np.float32(cell.scale))
    gates = [_gate(view, number) for number in range(4)]
    made = Lstm16 if wide.is_int16(view) else Lstm
    return made(
        **common(view, 0, HIDDEN, CELL, macs=steps * batches * 4 * units * (shape[2] + units)),
        batches=batches,
        steps=steps,
        features=shape[2],
        units=units,
        time_major=time_major,
        gates=(gates[0], gates[1], gates[2], gates[3]),
        input_offset=-view.tensor(0).quantisation.zero_point,
        hidden_offset=-hidden.zero_point,
        output_offset=hidden.zero_point,
        cell_power=round(math.log2(cell.scale)),
        cell_clip=int(min(max(clip, _SHORT[0]), _SHORT[1])),
        forget_multiplier=forget.multiplier,
        forget_shift=forget.shift,
        update_multiplier=update.multiplier,
        update_shift=update.shift,
        output_multiplier=output.multiplier,
        output_shift=output.shift,
    )


def cell_tanh(power: int) -> tuple[int, int]:
    """Multiplier and shift of `tanh` for the cell state."""
    shift = 15 + power - 3
    return (0, shift) if shift >= 0 else (3, -shift)


def _dense(
    layer: Lstm,
    values: Words,
    weights: NDArray[np.int8],
    multiplier: int,
    shift: int,
    bias: NDArray[Any] | None = None,
) -> Any:
    """Products in Q3.12."""
    sums = values @ weights.astype(np.int64).T + (0 if bias is None else bias.astype(np.int64))
    scale = wide.requantise64 if isinstance(layer, Lstm16) else requantise
    return np.clip(scale(sums, multiplier, shift), *_SHORT)


def _step(layer: Lstm, values: Words, hidden: NDArray[Any], cell: NDArray[Any]) -> None:
    """Computes one step of all batches; updates the states in place."""
    before = hidden.astype(np.int64) + layer.hidden_offset
    raw = []
    for gate in layer.gates:
        factor = (gate.input_multiplier, gate.input_shift)
        new = _dense(layer, values, gate.input_weights, *factor, gate.bias)
        factor = (gate.recurrent_multiplier, gate.recurrent_shift)
        old = _dense(layer, before, gate.recurrent_weights, *factor)
        raw.append(np.clip(new + old, *_SHORT))
    enter, forget, leave = sigmoid(raw[0]), sigmoid(raw[1]), sigmoid(raw[3])
    kept = requantise(forget * cell.astype(np.int64), layer.forget_multiplier, layer.forget_shift)
    added = requantise(enter * tanh(raw[2]), layer.update_multiplier, layer.update_shift)
    total = np.clip(np.clip(kept, *_SHORT) + np.clip(added, *_SHORT), *_SHORT)
    if layer.cell_clip > 0:
        total = np.clip(total, -layer.cell_clip, layer.cell_clip)
    cell[...] = total
    shown = leave * tanh(total, *cell_tanh(layer.cell_power))
    scaled = requantise(shown, layer.output_multiplier, layer.output_shift)
    limits = np.iinfo(hidden.dtype)
    hidden[...] = np.clip(scaled + layer.output_offset, limits.min, limits.max)


def _reference(
    layer: Lstm, source: NDArray[Any], hidden: NDArray[Any], cell: NDArray[Any]
) -> NDArray[Any]:
    """Also updates `hidden` and `cell`."""
    states = (layer.batches, layer.units)
    hidden, cell = hidden.reshape(states), cell.reshape(states)
    order = (0, 1, 2) if layer.time_major else (1, 0, 2)
    shape = (layer.steps, layer.batches, layer.features)
    rows = source.reshape(tuple(shape[place] for place in order)).transpose(order)
    outputs = []
    for row in rows.astype(np.int64) + layer.input_offset:
        _step(layer, row, hidden, cell)
        outputs.append(hidden.copy())
    return np.stack(outputs).transpose(order)


_ABSENT = Input(("int8", "int16", "int32"), constant=True, optional=True, scales="none")
_WEIGHTS = Input(constant=True)
_BIAS = Input(("int32", "int64"), constant=True, optional=True, scales="none")

OPERATORS = (
    Operator(
        "UNIDIRECTIONAL_SEQUENCE_LSTM",
        Rule(
            (
                Input(("int8", "int16")),
                *(_WEIGHTS,) * 8,
                *(_ABSENT,) * 3,
                *(_BIAS,) * 4,
                *(_ABSENT,) * 2,
                Input(("int8", "int16")),
                Input(("int16",)),
                *(_ABSENT,) * 4,
            ),
            ("int8", "int16"),
        ),
        _lower,
        _reference,
        _problem,
    ),
)
