"""CONCATENATION."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.models.tflite.graph import ITEM_SIZE

from . import layers
from .operator import Operator
from .rules import Rule, copied
from .shapes import expect
from .split import pack_reference
from .view import common, dims

if TYPE_CHECKING:
    from .view import OperatorView


def _axis(view: OperatorView) -> int:
    """The axis, not negative. Raises ValueError for a bad one."""
    rank, axis = len(view.output.shape), int(view.option("axis"))
    if not -rank <= axis < rank:
        raise ValueError(f"axis {axis} of {rank} dimensions")
    return axis % rank


def _problem(view: OperatorView) -> str:
    if view.option("fused_activation_function", "NONE") != "NONE":
        return f"the fused activation {view.option('fused_activation_function')}"
    try:
        axis = _axis(view)
    except ValueError as error:
        return str(error)
    shapes = [view.tensor(i).shape for i in range(len(view.inputs))]
    rest = {shape[:axis] + shape[axis + 1 :] for shape in shapes}
    if len(rest) != 1 or any(len(shape) != len(view.output.shape) for shape in shapes):
        return f"inputs {', '.join(map(dims, shapes))} do not join along axis {axis}"
    total = sum(shape[axis] for shape in shapes)
    return expect(view, (*shapes[0][:axis], total, *shapes[0][axis + 1 :]))


def _lower(view: OperatorView) -> layers.Concatenation:
    positions = range(len(view.inputs))
    return layers.Concatenation(
        **common(view, *positions),
        input_shapes=tuple(view.tensor(position).shape for position in positions),
        output_shape=view.output.shape,
        axis=_axis(view),
        item=ITEM_SIZE[view.output.dtype],
    )


_TYPES = ("int8", "int16", "int32", "int64", "bool", "float32")

OPERATORS = (
    Operator(
        "CONCATENATION",
        Rule((copied(*_TYPES),), _TYPES, repeated=True, quantised=False),
        _lower,
        pack_reference,
        _problem,
    ),
)
