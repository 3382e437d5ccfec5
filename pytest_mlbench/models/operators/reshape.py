"""RESHAPE, SQUEEZE and EXPAND_DIMS, which change no byte; SHAPE and ZEROS_LIKE, whose results
follow from shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .operator import Operator
from .rules import INT32, MOVED, Input, Rule, copied
from .shapes import expect, same_elements
from .view import dims

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import OperatorView

_SOURCE = Input(MOVED, scales="raw")
_SHAPE = Input(INT32, optional=True, scales="none")

_EXPANDED = ("int8", "int16", "float32")
_ZEROED = ("int8", "int32", "int64", "float32")


def _shape_problem(view: OperatorView) -> str:
    source = view.tensor(0).shape
    if any(size < 1 for size in source):
        return f"its input has the dynamic shape {dims(source)}"
    return expect(view, (len(source),))


def _shape(view: OperatorView) -> tuple[tuple[int, ...]]:
    return (view.tensor(0).shape,)


def _zeros_like(view: OperatorView) -> tuple[NDArray[Any]]:
    return (np.zeros(view.output.shape, view.output.dtype),)


OPERATORS = (
    Operator(
        "EXPAND_DIMS",
        Rule((copied(*_EXPANDED), _SHAPE), _EXPANDED, quantised=False),
        None,
        None,
        same_elements,
    ),
    Operator(
        "SHAPE",
        Rule((Input(MOVED, scales="none"),), ("int32", "int64"), quantised=False),
        None,
        None,
        _shape_problem,
        fold=_shape,
    ),
    Operator(
        "ZEROS_LIKE",
        Rule((copied(*_ZEROED),), _ZEROED, quantised=False),
        None,
        None,
        fold=_zeros_like,
    ),
    Operator("RESHAPE", Rule((_SOURCE, _SHAPE), MOVED, quantised=False), None, None, same_elements),
    Operator("SQUEEZE", Rule((_SOURCE,), MOVED, quantised=False), None, None, same_elements),
)
