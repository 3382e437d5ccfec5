"""ADD for V 1.0: vector_elementwise.S."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import KernelCall, Struct, TensorRef
from pytest_mlbench.kernels.tuned.geometry import HEADER, beside
from pytest_mlbench.kernels.tuned.requantise.fixed_point import STORED, exactly, fits

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import LowerContext
    from pytest_mlbench.models.operators.layers import Elementwise


SOURCES = beside(__file__, "vector_elementwise.S", "portable_vector.c")


def lower_vector_add(layer: Elementwise, _context: LowerContext) -> KernelCall | None:
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
        sources=SOURCES,
        in_place=((0, 0), (1, 0)),
    )
