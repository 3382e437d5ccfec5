"""BATCH_MATMUL: multiplies matrices of two activations, or of an activation and a constant."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from .int16 import wide
from .layers import Layer
from .numpy_arithmetic import Words, requantise
from .operator import Operator
from .rules import Input, Rule
from .shapes import expect
from .view import common, dims

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import OperatorView

MAX_BATCH_RANK = 3
"""Batch dimensions that the kernel supports."""


@dataclass(frozen=True, eq=False)
class BatchMatmul(Layer):
    """[..., rows, depth] times [..., depth, columns]. Batch dimensions are broadcast.

    `left_adjoint` and `right_adjoint`: the operand's last two dimensions are swapped.
    """

    left_shape: tuple[int, ...]
    right_shape: tuple[int, ...]
    left_adjoint: bool
    right_adjoint: bool
    output_shape: tuple[int, ...]
    depth: int
    left_offset: int
    right_offset: int
    output_offset: int
    multiplier: int
    shift: int


@dataclass(frozen=True, eq=False)
class BatchMatmul16(BatchMatmul):
    """BATCH_MATMUL of int16, summed in 64 bits; the multiplier has 15 bits."""


def _matrix(view: OperatorView, position: int) -> tuple[tuple[int, ...], int, int]:
    """Batch dimensions, rows and columns of an operand."""
    shape = view.tensor(position).shape
    rows, columns = shape[-2:]
    if view.option("adj_x" if position == 0 else "adj_y", default=False):
        rows, columns = columns, rows
    return shape[:-2], rows, columns


def _problem(view: OperatorView) -> str:
    shapes = [view.tensor(position).shape for position in (0, 1)]
    if min(map(len, shapes)) < 2 or max(map(len, shapes)) > 2 + MAX_BATCH_RANK:
        return f"{dims(shapes[0])} times {dims(shapes[1])}"
    (left, rows, depth), (right, other, columns) = _matrix(view, 0), _matrix(view, 1)
    rank = max(len(left), len(right))
    full = [(1,) * (rank - len(batch)) + batch for batch in (left, right)]
    if depth != other or any(a != b and 1 not in (a, b) for a, b in zip(*full, strict=True)):
        return f"{dims(shapes[0])} times {dims(shapes[1])}"
    batch = tuple(max(pair) for pair in zip(*full, strict=True))
    if view.tensor(0).dtype != view.tensor(1).dtype:
        return f"{view.tensor(0).dtype} times {view.tensor(1).dtype}"
    return expect(view, (*batch, rows, columns)) or wide.type_problem(view)


def _lower(view: OperatorView) -> BatchMatmul:
    left, right = view.tensor(0), view.tensor(1)
    output = view.output.quantisation
    factor = q.quantize_multiplier(
        q.product_scale(left.quantisation.scale, right.quantisation.scale, output.scale)
    )
    depth = _matrix(view, 0)[2]
    multiplier, kind = factor.multiplier, BatchMatmul
    if wide.is_int16(view):
        multiplier, kind = int(wide.short(np.array(multiplier))), BatchMatmul16
    return kind(
        **common(view, 0, 1, macs=math.prod(view.output.shape) * depth),
        left_shape=left.shape,
        right_shape=right.shape,
        left_adjoint=bool(view.option("adj_x", default=False)),
        right_adjoint=bool(view.option("adj_y", default=False)),
        output_shape=view.output.shape,
        depth=depth,
        left_offset=-left.quantisation.zero_point,
        right_offset=-right.quantisation.zero_point,
        output_offset=output.zero_point,
        multiplier=multiplier,
        shift=factor.shift,
    )


def _reference(layer: BatchMatmul, left: NDArray[Any], right: NDArray[Any]) -> Words:
    one = left.reshape(layer.left_shape).astype(np.int64) + layer.left_offset
    other = right.reshape(layer.right_shape).astype(np.int64) + layer.right_offset
    one = one.swapaxes(-1, -2) if layer.left_adjoint else one
    other = other.swapaxes(-1, -2) if layer.right_adjoint else other
    if isinstance(layer, BatchMatmul16):
        raw = wide.requantise64(one @ other, layer.multiplier, layer.shift)
        return np.clip(raw, -(1 << 15), (1 << 15) - 1)
    scaled = requantise(one @ other, layer.multiplier, layer.shift) + layer.output_offset
    clamped: Words = np.clip(scaled, -128, 127)
    return clamped


_SIDE = Input(("int8", "int16"))

OPERATORS = (
    Operator("BATCH_MATMUL", Rule((_SIDE, _SIDE), ("int8", "int16")), _lower, _reference, _problem),
)
