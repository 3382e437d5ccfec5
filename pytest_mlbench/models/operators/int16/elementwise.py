"""ADD, SUB and MUL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlbench.models.operators import arithmetic as q
from pytest_mlbench.models.operators.layers import Broadcast
from pytest_mlbench.models.operators.numpy_arithmetic import Words, requantise
from pytest_mlbench.models.operators.view import common

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.models.operators.view import OperatorView

LEFT_SHIFT = 15
"""ADD and SUB: bits that the operands gain before they are scaled."""


@dataclass(frozen=True, eq=False)
class Elementwise16(Broadcast):
    """ADD, SUB and MUL (see `kind`): a pair (multiplier, shift) per operand, unused by MUL."""

    left: tuple[int, int]
    right: tuple[int, int]
    output: tuple[int, int]
    activation_min: int
    activation_max: int


def elementwise(view: OperatorView) -> Elementwise16:
    """ADD, SUB and MUL."""
    left, right = (view.tensor(position).quantisation.scale for position in (0, 1))
    output = view.output.quantisation.scale
    if view.kind == "MUL":
        factors = [q.Multiplier(0, 0)] * 2
        last = q.quantize_multiplier(q.product_scale(left, right, output))
    else:
        twice = 2 * max(left, right)
        factors = [q.smaller_than_one(scale / twice) for scale in (left, right)]
        last = q.smaller_than_one(twice / ((1 << LEFT_SHIFT) * output))
    low, high = q.activation_range(view.option("fused_activation_function", "NONE"), view.output)
    return Elementwise16(
        **common(view, 0, 1),
        left_shape=view.tensor(0).shape,
        right_shape=view.tensor(1).shape,
        output_shape=view.output.shape,
        left=(factors[0].multiplier, factors[0].shift),
        right=(factors[1].multiplier, factors[1].shift),
        output=(last.multiplier, last.shift),
        activation_min=low,
        activation_max=high,
    )


def elementwise_reference(layer: Elementwise16, *inputs: NDArray[Any]) -> Words:
    """The numpy reference."""
    left, right = (
        one.reshape(shape).astype(np.int64)
        for one, shape in zip(inputs, (layer.left_shape, layer.right_shape), strict=True)
    )
    if layer.kind == "MUL":
        raw = left * right
    else:
        left = requantise(left << LEFT_SHIFT, *layer.left)
        right = requantise(right << LEFT_SHIFT, *layer.right)
        raw = left + right if layer.kind == "ADD" else left - right
    scaled = requantise(raw, *layer.output)
    clamped: Words = np.clip(scaled, layer.activation_min, layer.activation_max)
    return clamped
