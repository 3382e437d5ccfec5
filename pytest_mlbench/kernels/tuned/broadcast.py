"""The operands of ADD, SUB and MUL: which one is broadcast, and how."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .requantise.fixed_point import exactly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pytest_mlbench.models.operators.layers import Elementwise, Operand

    Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class Periods:
    """`blocks` times `period` values, each used for `repeat` neighbouring output elements."""

    blocks: int
    period: int
    repeat: int


def periods(output: Sequence[int], operand: Sequence[int]) -> Periods | None:
    """How `operand` is broadcast to `output`; None if broadcast dimensions are between others."""
    full = [1] * (len(output) - len(operand)) + list(operand)
    if math.prod(full) == math.prod(output):
        return Periods(1, math.prod(output), 1)
    own = [place for place, size in enumerate(full) if size > 1]
    if not own:
        return Periods(1, 1, math.prod(output))
    first, last = own[0], own[-1] + 1
    if list(full[first:last]) != list(output[first:last]):
        return None
    return Periods(
        math.prod(output[:first]), math.prod(output[first:last]), math.prod(output[last:])
    )


@dataclass(frozen=True)
class Sides:
    """Operands in the kernels' order: the left one is stored and has the output's shape.

    `left`, `right`: their positions among the layer's inputs; `negative`: the right one is
    subtracted.
    """

    left: int
    right: int
    walk: Periods
    negative: bool = False


def sides(layer: Elementwise) -> Sides | None:
    """The operands of `layer`, swapped if necessary.

    None if neither operand has the output's shape, or if the operands of a SUB would be swapped.
    """
    operands = (layer.left, layer.right)
    for left, right in ((0, 1), (1, 0)):
        if operands[left].data is not None or operands[left].shape != layer.output_shape:
            continue
        walk = periods(layer.output_shape, operands[right].shape)
        if walk is not None and not (layer.kind == "SUB" and left == 1):
            return Sides(left, right, walk, negative=layer.kind == "SUB")
    return None


def scaled(layer: Elementwise, side: Operand, stored: Int64) -> Int64:
    """Stored values of an operand of ADD or SUB on the common scale; its factor is 1/2 at most."""
    shifted = (stored.astype(np.int64) + side.offset) << layer.left_shift
    return exactly(shifted, side.multiplier, side.shift)
