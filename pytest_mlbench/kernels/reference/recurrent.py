"""Calls of svdf.c, lstm.c and lstm_int16.c."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import Array, Scratch, Struct, TensorRef
from pytest_mlbench.models.operators.lstm import Lstm, Lstm16, cell_tanh
from pytest_mlbench.models.operators.sigmoid16 import TABLE
from pytest_mlbench.models.operators.svdf import Svdf

from .kernel import Kernel, argument, call, inputs, kernel, struct

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import Argument, KernelCall
    from pytest_mlbench.models.operators.lstm import Gate

HEADER = "mlbench_recurrent.h"


_CELL = (
    "cell_clip",
    "forget_multiplier",
    "forget_shift",
    "update_multiplier",
    "update_shift",
    "output_multiplier",
    "output_shift",
    "output_offset",
)


def lstm(layer: Lstm) -> Struct:
    """`struct mlbench_lstm` or, for int16x8, `struct mlbench_lstm_int16`."""
    wide = isinstance(layer, Lstm16)
    offsets = ("input_offset", "hidden_offset") if wide else ()
    made = struct(
        layer,
        "lstm_int16" if wide else "lstm",
        *("time_major", "gates", "cell_power", *_CELL, *offsets),
    )
    multiplier, shift = cell_tanh(layer.cell_power)
    rows: dict[str, Argument] = {
        "batch_step": 1 if layer.time_major else layer.steps,
        "time_step": layer.batches if layer.time_major else 1,
        "cell.table": Array("uint16_t", TABLE, name="sigmoid"),
        "cell.cell_multiplier": multiplier,
        "cell.cell_shift": shift,
        **{f"cell.{name}": getattr(layer, name) for name in _CELL},
    }
    for number, gate in enumerate(layer.gates):
        rows |= {f"gates[{number}].{name}": value for name, value in _gate(gate).items()}
    return Struct(made.ctype, {**made.fields, **rows})


def _gate(gate: Gate) -> dict[str, Argument]:
    return {field.name: argument(getattr(gate, field.name), field.name) for field in fields(gate)}


def _lstm(layer: Lstm) -> KernelCall:
    name = "lstm_int16" if isinstance(layer, Lstm16) else "lstm"
    made = call(name, layer, lstm(layer), *inputs(layer), header=HEADER)
    arguments = (*made.arguments[:-1], TensorRef(layer.outputs[0]), Scratch())
    return replace(made, arguments=arguments, scratch=4 * layer.units * 2)


KERNELS = (
    Kernel(Lstm, {"lstm": "lstm.c"}, _lstm),
    Kernel(Lstm16, {"lstm_int16": "lstm_int16.c"}, _lstm),
    kernel(Svdf, "svdf", header=HEADER),
)
