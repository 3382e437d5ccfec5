"""AVERAGE_POOL_2D and MAX_POOL_2D."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import layers
from .int16 import wide
from .numpy_arithmetic import Words, windows
from .operator import Operator
from .rules import Input, Rule
from .shapes import expect_rank
from .view import common
from .window import lower_window, window_problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import OperatorView


@dataclass(frozen=True, eq=False)
class Pool16(layers.Pool2D):
    """Pooling of int16."""


def _filter(view: OperatorView) -> tuple[int, int]:
    return view.option("filter_height"), view.option("filter_width")


def _problem(view: OperatorView) -> str:
    return (
        expect_rank(view, 4, 0)
        or window_problem(view, _filter(view), (1, 1), view.tensor(0).shape[3])
        or wide.type_problem(view)
    )


def _lower(view: OperatorView) -> layers.Layer:
    window = _filter(view)
    kind = Pool16 if wide.is_int16(view) else layers.Pool2D
    return kind(**common(view), **lower_window(view, window, (1, 1)), filter=window)


def _average_reference(layer: layers.Pool2D, source: NDArray[Any]) -> Words:
    values = source.astype(np.int64)
    sums = windows(values, layer, layer.filter, (1, 1), 0).sum(axis=(3, 4))
    count = windows(np.ones_like(values), layer, layer.filter, (1, 1), 0).sum(axis=(3, 4))
    # To nearest, ties away from zero.
    return _clamped(layer, np.sign(sums) * ((np.abs(sums) + count // 2) // count))


def _max_reference(layer: layers.Pool2D, source: NDArray[Any]) -> Words:
    seen = windows(source.astype(np.int64), layer, layer.filter, (1, 1), -(1 << 15))
    return _clamped(layer, seen.max(axis=(3, 4)))


def _clamped(layer: layers.Pool2D, values: Words) -> Words:
    clamped: Words = np.clip(values, layer.activation_min, layer.activation_max)
    return clamped


_RULE = Rule((Input(("int8", "int16"), scales="shared"),), ("int8", "int16"))

OPERATORS = (
    Operator("AVERAGE_POOL_2D", _RULE, _lower, _average_reference, _problem),
    Operator("MAX_POOL_2D", _RULE, _lower, _max_reference, _problem),
)
