"""ADD, SUB and MUL with broadcasting and constants: elementwise.c."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Null, Struct, TensorRef
from pytest_mlbench.kernels.tuned.broadcast import scaled, sides
from pytest_mlbench.kernels.tuned.geometry import HEADER, beside
from pytest_mlbench.kernels.tuned.requantise.fixed_point import (
    STORED,
    Accumulators,
    fits,
    fixed_point,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.kernels.interface import Argument, LowerContext
    from pytest_mlbench.kernels.tuned.requantise.fixed_point import FixedPoint
    from pytest_mlbench.models.operators.layers import Elementwise, Operand

    Int64 = NDArray[np.int64]

SOURCES = beside(__file__, "elementwise.c")


@dataclass(frozen=True)
class _Output:
    """The attributes of a layer that `fixed_point` uses."""

    multipliers: Int64
    shifts: Int64
    output_offset: int
    activation_min: int
    activation_max: int


def lower_elementwise(layer: Elementwise, _context: LowerContext) -> KernelCall | None:
    """The call for an ADD, SUB or MUL; None if an intermediate value could overflow 32 bits."""
    found = sides(layer)
    if found is None:
        return None
    operands = (layer.left, layer.right)
    left, right = operands[found.left], operands[found.right]
    kind = "mul" if layer.kind == "MUL" else "add"
    fields = (_mul if kind == "mul" else _add)(layer, left, right, negative=found.negative)
    if fields is None:
        return None
    stored = right.data is None
    kernel = f"{kind}_{'stored' if stored else 'constant'}"
    walk = {"blocks": found.walk.blocks, "period": found.walk.period, "repeat": found.walk.repeat}
    inputs = [TensorRef(layer.inputs[found.left])]
    in_place = [(found.left, 0)]
    if stored:
        inputs.append(TensorRef(layer.inputs[found.right]))
        if right.shape == layer.output_shape:
            in_place.append((found.right, 0))
    return KernelCall(
        kernel=kernel,
        library="tuned",
        function=f"mlbench_tuned_{kernel}",
        header=HEADER,
        arguments=(
            Struct("struct mlbench_tuned_elementwise", {**fields, **walk}),
            *inputs,
            TensorRef(layer.outputs[0]),
        ),
        sources=SOURCES,
        in_place=tuple(in_place),
    )


def _add(
    layer: Elementwise, left: Operand, right: Operand, *, negative: bool
) -> dict[str, Argument] | None:
    if max(left.shift, right.shift) > 0:
        return None
    sign = -1 if negative else 1
    lefts = scaled(layer, left, STORED)
    rights = sign * scaled(layer, right, STORED)
    constants = _constants(layer, lefts.min() + rights.min(), lefts.max() + rights.max())
    if constants is None:
        return None
    if right.data is not None:
        rights = rights[right.data.reshape(-1).astype(np.int64) + 128]
    left_shift = int(constants.left_shift[0])
    if not (fits(lefts << left_shift) and fits(rights << left_shift)):
        return None
    return {
        "left": _words(lefts << left_shift, "left"),
        "right": _words(rights << left_shift, "right"),
        **_finish(constants),
    }


def _mul(
    layer: Elementwise, left: Operand, right: Operand, *, negative: bool
) -> dict[str, Argument] | None:
    del negative
    ends = np.array([-128, 127])
    products = np.outer(ends + left.offset, ends + right.offset)
    constants = _constants(layer, int(products.min()), int(products.max()))
    if constants is None:
        return None
    left_shift = int(constants.left_shift[0])
    if not fits((ends + right.offset) << left_shift):
        return None
    table: Argument = Null()
    if right.data is not None:
        values = right.data.reshape(-1).astype(np.int64) + right.offset
        table = _words(values << left_shift, "right")
    return {
        "left": Null(),
        "right": table,
        "left_offset": left.offset,
        "right_offset": right.offset,
        "left_shift": left_shift,
        **_finish(constants),
    }


def _constants(layer: Elementwise, low: int, high: int) -> FixedPoint | None:
    """The requantisation constants for sums or products from `low` to `high`."""
    return fixed_point(
        Accumulators(np.zeros(1, np.int64), np.array([min(low, 0)]), np.array([max(high, 0)])),
        _Output(
            np.array([layer.output_multiplier]),
            np.array([layer.output_shift]),
            layer.output_offset,
            layer.activation_min,
            layer.activation_max,
        ),
        uniform=True,
    )


def _words(values: Int64, name: str) -> Array:
    return Array("int32_t", values.astype(np.int32), name=name)


def _finish(constants: FixedPoint) -> dict[str, Argument]:
    return {
        "multiplier": int(constants.multiplier[0]),
        "offset": int(constants.offset[0]),
        "shift": int(constants.shift[0]),
        "sign": int(constants.sign[0]),
        "range": constants.limit,
        "low": constants.low,
    }
