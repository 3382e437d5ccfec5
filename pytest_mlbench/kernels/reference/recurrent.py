"""Calls of svdf.c and lstm.c."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import Array, Scratch, Struct, TensorRef
from pytest_mlbench.models.operators.lstm import Lstm, cell_tanh
from pytest_mlbench.models.operators.sigmoid16 import TABLE
from pytest_mlbench.models.operators.svdf import Svdf

from .kernel import Kernel, argument, call, inputs, kernel, struct

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import Argument, KernelCall
    from pytest_mlbench.models.operators.lstm import Gate

HEADER = "mlbench_recurrent.h"


def lstm(layer: Lstm) -> Struct:
    """`struct mlbench_lstm`."""
    made = struct(layer, "lstm", "time_major", "gates", "cell_power")
    multiplier, shift = cell_tanh(layer.cell_power)
    rows: dict[str, Argument] = {
        "batch_step": 1 if layer.time_major else layer.steps,
        "time_step": layer.batches if layer.time_major else 1,
        "table": Array("uint16_t", TABLE, name="sigmoid"),
        "cell_multiplier": multiplier,
        "cell_shift": shift,
    }
    for number, gate in enumerate(layer.gates):
        rows |= {f"gates[{number}].{name}": value for name, value in _gate(gate).items()}
    return Struct(made.ctype, {**made.fields, **rows})


def _gate(gate: Gate) -> dict[str, Argument]:
    return {field.name: argument(getattr(gate, field.name), field.name) for field in fields(gate)}


def _lstm(layer: Lstm) -> KernelCall:
    made = call("lstm", layer, lstm(layer), *inputs(layer), header=HEADER)
    arguments = (*made.arguments[:-1], TensorRef(layer.outputs[0]), Scratch())
    return replace(made, arguments=arguments, scratch=4 * layer.units * 2)


KERNELS = (
    Kernel(Lstm, {"lstm": "lstm.c"}, _lstm),
    kernel(Svdf, "svdf", header=HEADER),
)
