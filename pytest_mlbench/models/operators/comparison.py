"""Comparisons, and MAXIMUM and MINIMUM of int64."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from .layers import Broadcast
from .operator import Operator
from .pairwise import OPERATIONS, Pairwise, pairwise, pairwise_reference, side, type_problem
from .rules import Input, Rule
from .view import common

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .layers import Layer
    from .view import OperatorView

_KINDS = ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL")
_LEFT_SHIFT = 8

WIDE = ("int64", "float32")
"""The types that `Ordered` compares."""


@dataclass(frozen=True, eq=False)
class Ordered(Broadcast):
    """Compares values of `dtype`, int64 or float32, without scaling them; also MAXIMUM and MINIMUM
    of int64. `operation` is an index into pairwise.OPERATIONS."""

    operation: int
    dtype: str


def ordered(view: OperatorView) -> Ordered:
    """The layer of a comparison, MAXIMUM or MINIMUM whose inputs have a type in WIDE."""
    return Ordered(
        **common(view, 0, 1),
        left_shape=view.tensor(0).shape,
        right_shape=view.tensor(1).shape,
        output_shape=view.output.shape,
        operation=OPERATIONS.index(view.kind),
        dtype=view.tensor(0).dtype,
    )


def ordered_reference(layer: Ordered, left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    """The numpy reference."""
    one, other = left.reshape(layer.left_shape), right.reshape(layer.right_shape)
    result: NDArray[Any] = getattr(np, layer.kind.lower())(one, other)
    return result


def _lower(view: OperatorView) -> Layer:
    dtype = view.tensor(0).dtype
    if dtype in WIDE:
        return ordered(view)
    if dtype not in q.LIMITS:
        return pairwise(view)
    scales = [view.tensor(position).quantisation.scale for position in (0, 1)]
    return Pairwise(
        **common(view, 0, 1),
        operation=OPERATIONS.index(view.kind),
        input_dtype=dtype,
        output_dtype="bool",
        left=side(view, 0, scales[0]),
        right=side(view, 1, scales[1]),
        output_shape=view.output.shape,
        left_shift=_LEFT_SHIFT,
    )


def _reference(layer: Layer, *inputs: NDArray[Any]) -> NDArray[Any]:
    if isinstance(layer, Ordered):
        return ordered_reference(layer, *inputs)
    assert isinstance(layer, Pairwise)
    return pairwise_reference(layer, *inputs)


def _rule(kind: str) -> Rule:
    equality = kind in ("EQUAL", "NOT_EQUAL")
    types = ("int8", "int32", "int64", *(("bool",) if equality else ()), "float32")
    # GREATER of int16 is refused, although the interpreter runs it: its result is undefined.
    one = Input(types, everything=kind != "GREATER")
    return Rule((one, one), ("bool",), quantised=False)


OPERATORS = tuple(Operator(kind, _rule(kind), _lower, _reference, type_problem) for kind in _KINDS)
