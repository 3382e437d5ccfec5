"""ADD, SUB and MUL with broadcasting and constants for V 1.0: vector_arithmetic.S."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Struct, TensorRef
from pytest_mlbench.kernels.tuned.broadcast import scaled, sides
from pytest_mlbench.kernels.tuned.geometry import HEADER, beside
from pytest_mlbench.kernels.tuned.requantise.fixed_point import STORED, fits

from .common import vector_length

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.kernels.interface import Argument, LowerContext
    from pytest_mlbench.kernels.tuned.broadcast import Sides
    from pytest_mlbench.models.operators.layers import Elementwise, Operand

SOURCES = beside(__file__, "vector_arithmetic.S", "portable_arithmetic.c")


def lower_vector_arithmetic(layer: Elementwise, context: LowerContext) -> KernelCall | None:
    """The call for an ADD, SUB or MUL.

    None for left shifts, for sums that overflow 32 bits, and for an operand that is broadcast along
    its innermost dimension, unless it is a constant with one value.
    """
    found = sides(layer)
    if found is None or not -31 <= layer.output_shift <= 0:
        return None
    operands = (layer.left, layer.right)
    left, right = operands[found.left], operands[found.right]
    scalar = found.walk.period == 1 and right.data is not None
    if found.walk.repeat > 1 and not scalar:
        return None
    is_mul = layer.kind == "MUL"
    if not is_mul and not (_fits(layer, left, right) and layer.left_shift == 20):
        return None
    kernel = f"vector_{'mul' if is_mul else 'add'}_{'stored' if right.data is None else 'constant'}"
    arguments: list[Argument] = [TensorRef(layer.inputs[found.left])]
    in_place = [(found.left, 0)]
    period = found.walk.period
    if right.data is None:
        arguments.append(TensorRef(layer.inputs[found.right]))
        if right.shape == layer.output_shape:
            in_place.append((found.right, 0))
    else:
        values = _constant(layer, right, found, is_mul=is_mul)
        values = np.tile(values, max(vector_length(context.isa) // 4 // period, 1))
        period = len(values)
        ctype = "int16_t" if is_mul else "int32_t"
        arguments.append(Array(ctype, values.astype(ctype.removesuffix("_t")), name="right"))
    return KernelCall(
        kernel=kernel,
        library="tuned",
        function=f"mlbench_tuned_{kernel}",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_vector_arithmetic",
                _fields(layer, left, right, period, negative=found.negative, is_mul=is_mul),
            ),
            *arguments,
            TensorRef(layer.outputs[0]),
        ),
        sources=SOURCES,
        in_place=tuple(in_place),
    )


def _fits(layer: Elementwise, left: Operand, right: Operand) -> bool:
    """Are both operands shifted right, and do all their sums fit int32?"""
    if not all(-31 <= side.shift <= 0 for side in (left, right)):
        return False
    lefts, rights = scaled(layer, left, STORED), scaled(layer, right, STORED)
    reach = int(np.abs(lefts).max() + np.abs(rights).max())
    return fits(np.array([reach, -reach]))


def _constant(
    layer: Elementwise, right: Operand, found: Sides, *, is_mul: bool
) -> NDArray[np.int64]:
    assert right.data is not None
    stored = right.data.reshape(-1).astype(np.int64)
    if is_mul:
        return stored + right.offset
    values = scaled(layer, right, stored)
    return -values if found.negative else values


def _fields(
    layer: Elementwise, left: Operand, right: Operand, period: int, *, negative: bool, is_mul: bool
) -> dict[str, Argument]:
    shifts = (left.shift, right.shift, layer.output_shift)
    counts = (not is_mul, not is_mul, layer.activation_min < layer.output_offset)
    signs = [shift < 0 and count for shift, count in zip(shifts, counts, strict=True)]
    return {
        "count": math.prod(layer.output_shape),
        "period": period,
        "left_offset": left.offset,
        "left_multiplier": left.multiplier,
        "left_e": -left.shift,
        "right_offset": right.offset,
        "right_multiplier": right.multiplier,
        "right_e": -right.shift,
        "right_sign": -1 if negative else 1,
        "multiplier": layer.output_multiplier,
        "e": -layer.output_shift,
        "zero_point": layer.output_offset,
        "low": layer.activation_min,
        "high": layer.activation_max,
        "is_signed": signs[0] + 2 * signs[1] + 4 * signs[2],
    }
