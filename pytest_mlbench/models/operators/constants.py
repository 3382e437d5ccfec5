"""Reads the constants that configure an operator: axes, sizes, indices."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .view import OperatorView


def integers(view: OperatorView, position: int) -> tuple[int, ...]:
    """The values of the constant input at `position`; empty if it is absent or not constant."""
    tensor = view.optional(position)
    if tensor is None or tensor.data is None:
        return ()
    return tuple(int(value) for value in tensor.data.reshape(-1).tolist())


def axis_of(axis: int, rank: int) -> int:
    """`axis` (if negative, counted from the end) as a non-negative number. Raises ValueError."""
    if not -rank <= axis < rank:
        raise ValueError(f"axis {axis} of {rank} dimensions")
    return axis % rank
