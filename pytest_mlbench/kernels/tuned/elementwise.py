"""ADD and AVERAGE_POOL_2D: add.c, average_pool2d.c."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, Behind, KernelCall, Struct, TensorRef
from pytest_mlbench.kernels.overlap import distance, walk

from .conv2d import HEADER
from .requantise import Accumulators, exactly, fits, requantisation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.kernels.interface import Argument
    from pytest_mlbench.models.operators.layers import Elementwise, Operand, Pool2D

HALF = 2**30
"""The multiplier of a factor that is a power of two."""

STORED = np.arange(-128, 128, dtype=np.int64)


@dataclass(frozen=True)
class _Sum:
    multipliers: NDArray[np.int64]
    shifts: NDArray[np.int64]
    output_offset: int
    activation_min: int
    activation_max: int


def lower_add(layer: Elementwise) -> KernelCall | None:
    """The call for an ADD of two activations of one shape; None for what add.c cannot."""
    if (
        len(layer.inputs) != 2
        or not layer.left.shape == layer.right.shape == layer.output_shape
        or layer.left.data is not None
        or layer.right.data is not None
        or layer.left_shift != 20
    ):
        return None
    for left, right in ((0, 1), (1, 0)):
        operands = (layer.left, layer.right)
        fields = _fields(layer, operands[left], operands[right])
        if fields is not None:
            return KernelCall(
                kernel="add",
                library="tuned",
                function="mlbench_tuned_add" + ("_signed" if fields["sign"] else ""),
                header=HEADER,
                arguments=(
                    Struct("struct mlbench_tuned_add", fields),
                    TensorRef(layer.inputs[left]),
                    TensorRef(layer.inputs[right]),
                    TensorRef(layer.outputs[0]),
                ),
                in_place=((0, 0), (1, 0)),
            )
    return None


def _fields(layer: Elementwise, left: Operand, right: Operand) -> dict[str, Argument] | None:
    if left.multiplier != HALF or not -18 <= left.shift <= 0:
        return None
    left_shift = 19 + left.shift
    scaled = np.array(
        [exactly(int(x + right.offset) << 20, right.multiplier, right.shift) for x in STORED]
    )
    table = scaled + (left.offset << left_shift)
    lefts = STORED << left_shift
    constants = requantisation(
        Accumulators(
            np.zeros(1, np.int64),
            np.array([lefts.min() + table.min()]),
            np.array([lefts.max() + table.max()]),
        ),
        _Sum(
            np.array([layer.output_multiplier]),
            np.array([layer.output_shift]),
            layer.output_offset,
            layer.activation_min,
            layer.activation_max,
        ),
        uniform=True,
    )
    if constants is None:
        return None
    pre = int(constants.pre[0])
    table, lefts = table << pre, lefts << pre
    if not (fits(table) and fits(lefts)):
        return None
    return {
        "right": Array("int32_t", table.astype(np.int32), name="right"),
        "count": math.prod(layer.output_shape),
        "left_shift": left_shift + pre,
        "multiplier": int(constants.multiplier[0]),
        "add": int(constants.add[0]),
        "shift": int(constants.shift[0]),
        "sign": int(constants.sign[0]),
        "range": constants.limit,
        "low": constants.low,
    }


def lower_vector_add(layer: Elementwise) -> KernelCall | None:
    """The call for an ADD of two activations of one shape on the vector unit, or None."""
    operands = (layer.left, layer.right)
    if (
        len(layer.inputs) != 2
        or any(one.shape != layer.output_shape or one.data is not None for one in operands)
        or layer.left_shift != 20
        or not all(
            -31 <= shift <= 0 for shift in (layer.output_shift, *(o.shift for o in operands))
        )
    ):
        return None
    left, right = (
        [exactly(int(x + one.offset) << 20, one.multiplier, one.shift) for x in STORED]
        for one in operands
    )
    if not fits(np.array([min(left) + min(right), max(left) + max(right)])):
        return None
    shifts = (layer.left.shift, layer.right.shift, layer.output_shift)
    counts = (True, True, layer.activation_min < layer.output_offset)
    signs = [shift < 0 and count for shift, count in zip(shifts, counts, strict=True)]
    return KernelCall(
        kernel="vector_add",
        library="tuned",
        function="mlbench_tuned_vector_add",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_vector_add",
                {
                    "count": math.prod(layer.output_shape),
                    "left_offset": layer.left.offset,
                    "left_multiplier": layer.left.multiplier,
                    "left_e": -layer.left.shift,
                    "right_offset": layer.right.offset,
                    "right_multiplier": layer.right.multiplier,
                    "right_e": -layer.right.shift,
                    "multiplier": layer.output_multiplier,
                    "e": -layer.output_shift,
                    "zero_point": layer.output_offset,
                    "low": layer.activation_min,
                    "high": layer.activation_max,
                    "is_signed": signs[0] + 2 * signs[1] + 4 * signs[2],
                },
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.inputs[1]),
            TensorRef(layer.outputs[0]),
        ),
        in_place=((0, 0), (1, 0)),
    )


def lower_average_pool2d(layer: Pool2D, *, vector: bool = False) -> KernelCall | None:
    """The call for an AVERAGE_POOL_2D of whole words of channels and at most 256 values; on the
    vector unit of any channels and at most 255 values."""
    batches, input_h, input_w, channels = layer.input_shape
    _, output_h, output_w, _ = layer.output_shape
    values = layer.filter[0] * layer.filter[1]
    if values > 255 if vector else channels % 4 or values > 256:
        return None
    kernel = "vector_average_pool2d" if vector else "average_pool2d"
    return KernelCall(
        kernel=kernel,
        library="tuned",
        function=f"mlbench_tuned_{kernel}",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_average_pool2d",
                {
                    "batches": batches,
                    "input_h": input_h,
                    "input_w": input_w,
                    "channels": channels,
                    "output_h": output_h,
                    "output_w": output_w,
                    "filter_h": layer.filter[0],
                    "filter_w": layer.filter[1],
                    "stride_h": layer.stride[0],
                    "stride_w": layer.stride[1],
                    "padding_h": layer.padding[0],
                    "padding_w": layer.padding[1],
                    "low": layer.activation_min,
                    "high": layer.activation_max,
                },
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
        ),
        behind=(Behind(distance(walk(layer))),),
    )
