"""Calls of the kernels in float32.c, reduce_float32.c and pool2d_float32.c."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import Struct
from pytest_mlbench.models.operators.float32 import PAIRS, UNARY, Pair32, Unary32
from pytest_mlbench.models.operators.pooling import Pool32
from pytest_mlbench.models.operators.reduction32 import ArgExtreme32, Extreme32, Sum32

from .elementwise import broadcast
from .kernel import Kernel, call, inputs, kernel, struct, with_images
from .reduction import extreme, loops

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


def _pool(layer: Pool32) -> KernelCall:
    made = struct(layer, "pool2d_float32", "input_shape", "output_shape")
    name = "average_pool2d" if layer.kind == "AVERAGE_POOL_2D" else "max_pool2d"
    given = with_images(layer, made)
    return call(f"{name}_float32", layer, given, *inputs(layer), header=HEADER)


_POOLS = ("average_pool2d_float32", "max_pool2d_float32")


def _sum(layer: Sum32) -> Struct:
    """`struct mlbench_sum_float32`."""
    return Struct("struct mlbench_sum_float32", {**loops(layer), "divisor": layer.divisor})


def _arg_extreme(layer: ArgExtreme32) -> Struct:
    return struct(layer, "arg_extreme")


_REDUCE = "reduce_float32.c"

KERNELS = (
    Kernel(Unary32, {_name(kind): "float32.c" for kind in UNARY}, _unary),
    Kernel(Pool32, dict.fromkeys(_POOLS, "pool2d_float32.c"), _pool),
    kernel(Sum32, "sum_float32", _REDUCE, params=_sum, header=HEADER),
    kernel(Extreme32, "extreme_float32", _REDUCE, params=extreme, header=HEADER),
    kernel(ArgExtreme32, "arg_extreme_float32", _REDUCE, params=_arg_extreme, header=HEADER),
    Kernel(Pair32, {_name(kind): "float32.c" for kind in PAIRS}, _pair),
)
