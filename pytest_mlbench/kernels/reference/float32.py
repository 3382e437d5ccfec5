"""Calls of the kernels in float32.c."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import Struct
from pytest_mlbench.models.operators.float32 import PAIRS, UNARY, Pair32, Unary32

from .elementwise import broadcast
from .kernel import Kernel, call, inputs, struct

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall

HEADER = "mlbench_float32.h"


def _name(kind: str) -> str:
    return f"{kind.lower()}_float32"


def _unary(layer: Unary32) -> KernelCall:
    constants = struct(layer, "unary_float32")
    return call(_name(layer.kind), layer, constants, *inputs(layer), header=HEADER)


def _pair(layer: Pair32) -> KernelCall:
    constants = struct(layer, "pair_float32", "left_shape", "right_shape", "output_shape")
    walk = broadcast(layer.output_shape, layer.left_shape, layer.right_shape)
    count = math.prod(layer.output_shape)
    constants = Struct(constants.ctype, {"broadcast": walk, "count": count, **constants.fields})
    return call(_name(layer.kind), layer, constants, *inputs(layer), header=HEADER)


KERNELS = (
    Kernel(Unary32, {_name(kind): "float32.c" for kind in UNARY}, _unary),
    Kernel(Pair32, {_name(kind): "float32.c" for kind in PAIRS}, _pair),
)
