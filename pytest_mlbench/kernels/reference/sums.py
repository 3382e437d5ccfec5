"""Calls of sums.c and div.c."""

from __future__ import annotations

import math

from pytest_mlbench.kernels.interface import KernelCall, Pointers, Struct
from pytest_mlbench.models.operators.division import Div
from pytest_mlbench.models.operators.sums import AddN, Cumsum, ScaledSum

from .elementwise import broadcast
from .kernel import Kernel, braces, call, inputs, struct

HEADER = "mlbench_sums.h"

_FIELDS = (
    "input_offset",
    "input_multiplier",
    "input_shift",
    "output_offset",
    "output_multiplier",
    "output_shift",
)


def _sum(known: ScaledSum | None) -> str:
    """`struct mlbench_scaled_sum`."""
    return braces(0 if known is None else getattr(known, name) for name in _FIELDS)


def _add_n(layer: AddN) -> KernelCall:
    made = Struct(
        "struct mlbench_add_n",
        {"sum": _sum(layer.sum), "count": layer.count, "inputs": len(layer.inputs)},
    )
    name = "add_n" if layer.sum is not None else "add_n_float32"
    return call(name, layer, made, Pointers(inputs(layer), name="inputs"), header=HEADER)


def _cumsum(layer: Cumsum) -> KernelCall:
    made = struct(layer, "cumsum", "sum")
    made = Struct(made.ctype, {"sum": _sum(layer.sum), **made.fields})
    name = "cumsum" if layer.sum is not None else "cumsum_float32"
    return call(name, layer, made, *inputs(layer), header=HEADER)


def _div(layer: Div) -> KernelCall:
    made = struct(layer, "div", "left_shape", "right_shape", "output_shape")
    walk = broadcast(layer.output_shape, layer.left_shape, layer.right_shape)
    count = math.prod(layer.output_shape)
    made = Struct(made.ctype, {"broadcast": walk, "count": count, **made.fields})
    return call("div", layer, made, *inputs(layer), header=HEADER)


KERNELS = (
    Kernel(AddN, {"add_n": "sums.c", "add_n_float32": "sums.c"}, _add_n),
    Kernel(Cumsum, {"cumsum": "sums.c", "cumsum_float32": "sums.c"}, _cumsum),
    Kernel(Div, {"div": "div.c"}, _div),
)
