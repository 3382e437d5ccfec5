"""SELECT_V2, CAST and FILL: choose values, convert values, repeat one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlbench.models.tflite.graph import ITEM_SIZE

from .constants import integers
from .layers import Layer
from .operator import Operator
from .rules import INT32, Input, Rule
from .shapes import MAX_KERNEL_RANK, expect
from .view import common, dims

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import OperatorView

CAST = ("int8", "int16", "int32", "float32", "bool")
"""The types that CAST converts; a type's position is its number in the kernel."""


@dataclass(frozen=True, eq=False)
class Select(Layer):
    """SELECT_V2: takes the second input where the first is true, else the third; all are broadcast.
    `item`: bytes per element."""

    shapes: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
    output_shape: tuple[int, ...]
    item: int


@dataclass(frozen=True, eq=False)
class Cast(Layer):
    """CAST, with C's conversions: towards zero, modulo the type's range; to bool: != 0."""

    count: int
    source: str
    target: str


def _select_problem(view: OperatorView) -> str:
    shapes = [view.tensor(position).shape for position in range(3)]
    if view.tensor(1).dtype != view.output.dtype or view.tensor(2).dtype != view.output.dtype:
        return "its values and its output differ in type"
    rank = max(map(len, shapes))
    if rank > MAX_KERNEL_RANK:
        return f"{rank} dimensions, expected at most {MAX_KERNEL_RANK}"
    wide = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    found = tuple(max(sizes) for sizes in zip(*wide, strict=True))
    if any(
        size not in (1, most) for shape in wide for size, most in zip(shape, found, strict=True)
    ):
        return f"{', '.join(map(dims, shapes))} do not broadcast"
    return expect(view, found)


def _select(view: OperatorView) -> Select:
    return Select(
        **common(view, 0, 1, 2),
        shapes=(view.tensor(0).shape, view.tensor(1).shape, view.tensor(2).shape),
        output_shape=view.output.shape,
        item=ITEM_SIZE[view.output.dtype],
    )


def _select_reference(layer: Select, *inputs: NDArray[Any]) -> NDArray[Any]:
    condition, left, right = (
        one.reshape(shape) for one, shape in zip(inputs, layer.shapes, strict=True)
    )
    return np.where(condition, left, right)


def _cast(view: OperatorView) -> Cast:
    return Cast(
        **common(view),
        count=view.output.elements,
        source=view.tensor(0).dtype,
        target=view.output.dtype,
    )


def _cast_reference(layer: Cast, source: NDArray[Any]) -> NDArray[Any]:
    if layer.target == "bool":
        truth: NDArray[Any] = source != 0
        return truth
    if layer.source == "float32" and layer.target != "float32":
        with np.errstate(invalid="ignore"):
            return source.astype(np.int64).astype(layer.target)
    return source.astype(layer.target)


def _fill_problem(view: OperatorView) -> str:
    if view.tensor(1).elements != 1:
        return f"{view.tensor(1).elements} values, expected 1"
    return expect(view, integers(view, 0))


def _fill(view: OperatorView) -> tuple[NDArray[Any]] | None:
    value = view.tensor(1).data
    assert value is not None
    return (np.full(view.output.shape, value.reshape(-1)[0], view.output.dtype),)


_FILLED = ("int8", "int32", "float32")
_SELECTED = ("int8", "int16", "float32")

OPERATORS = (
    Operator(
        "CAST", Rule((Input(CAST, scales="none"),), CAST, quantised=False), _cast, _cast_reference
    ),
    Operator(
        "FILL",
        Rule(
            (
                Input(INT32, constant=True, scales="none"),
                Input(_FILLED, constant=True, scales="raw", everything=True),
            ),
            _FILLED,
            quantised=False,
        ),
        None,
        None,
        _fill_problem,
        fold=_fill,
    ),
    Operator(
        "SELECT_V2",
        Rule(
            (
                Input(("bool",), scales="none"),
                Input(_SELECTED, scales="none", everything=True),
                Input(_SELECTED, scales="none", everything=True),
            ),
            _SELECTED,
            quantised=False,
        ),
        _select,
        _select_reference,
        _select_problem,
    ),
)
