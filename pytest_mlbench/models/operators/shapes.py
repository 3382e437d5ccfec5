"""Shape checks shared by several operators. Pure; each returns a clause, or '' if all is well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .view import dims

if TYPE_CHECKING:
    from .view import OperatorView

MAX_KERNEL_RANK = 6
"""The most dimensions that a kernel supports (MLBENCH_MAX_DIMS)."""


def expect(view: OperatorView, shape: tuple[int, ...]) -> str:
    """Checks that the output has this shape."""
    actual = view.output.shape
    return "" if actual == shape else f"its output is {dims(actual)}, expected {dims(shape)}"


def same_shape(view: OperatorView) -> str:
    """Checks that the output has the first input's shape."""
    return expect(view, view.tensor(0).shape)


def expect_rank(view: OperatorView, rank: int, *positions: int) -> str:
    """Checks that the inputs at `positions` have `rank` dimensions."""
    for position in positions:
        shape = view.tensor(position).shape
        if len(shape) != rank:
            return f"input {position} is {dims(shape)}, expected {rank} dimensions"
    return ""


def expect_bias(view: OperatorView, outputs: int) -> str:
    """Checks that the third input, if any, has one value per output."""
    bias = view.optional(2)
    if bias is not None and bias.elements != outputs:
        return f"its bias has {bias.elements} values, expected {outputs}"
    return ""


def same_elements(view: OperatorView) -> str:
    """Checks that the output has as many elements as the first input."""
    before, after = view.tensor(0), view.output
    if before.elements != after.elements:
        return f"{before.elements} elements cannot be {dims(after.shape)}"
    return ""


def broadcast_problem(view: OperatorView) -> str:
    """Checks that two operands' shapes broadcast to the output's shape."""
    left, right = view.tensor(0).shape, view.tensor(1).shape
    rank = max(len(left), len(right))
    if rank > MAX_KERNEL_RANK:
        return f"{rank} dimensions, expected at most {MAX_KERNEL_RANK}"
    pairs = list(
        zip((1,) * (rank - len(left)) + left, (1,) * (rank - len(right)) + right, strict=True)
    )
    if any(a != b and 1 not in (a, b) for a, b in pairs):
        return f"{dims(left)} and {dims(right)} do not broadcast"
    return expect(view, tuple(max(a, b) for a, b in pairs))
