"""AVERAGE_POOL_2D and MAX_POOL_2D."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import float32, layers
from .int16 import wide
from .numpy_arithmetic import Words, windows
from .operator import Operator
from .rules import Input, Rule
from .shapes import expect_rank
from .view import common
from .window import lower_geometry, lower_window, window_problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from .view import OperatorView


@dataclass(frozen=True, eq=False)
class Pool16(layers.Pool2D):
    """Pooling of int16."""


@dataclass(frozen=True, eq=False)
class Pool32(layers.Layer):
    """Pooling of float32; shapes, stride and padding as in layers.Windowed."""

    input_shape: tuple[int, int, int, int]
    output_shape: tuple[int, int, int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    activation_min: float
    activation_max: float
    filter: tuple[int, int]


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
    if float32.is_float(view):
        low, high = float32.bounds(view)
        return Pool32(
            **common(view),
            **lower_geometry(view, window, (1, 1)),
            activation_min=low,
            activation_max=high,
            filter=window,
        )
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


def _float_reference(layer: Pool32, source: NDArray[Any]) -> NDArray[Any]:
    """Values are added in the order of rows and columns, which a sum of floats depends on."""
    inside = windows(np.ones(source.shape, np.int64), layer, layer.filter, (1, 1), 0)
    seen = windows(source, layer, layer.filter, (1, 1), 0).astype(np.float32)
    average = layer.kind == "AVERAGE_POOL_2D"
    total = np.full(layer.output_shape, 0 if average else -float32.LARGEST, np.float32)
    for row in range(layer.filter[0]):
        for column in range(layer.filter[1]):
            one, known = seen[:, :, :, row, column], inside[:, :, :, row, column] != 0
            better = total + one if average else np.where(total < one, one, total)
            total = np.where(known, better, total)
    if average:
        total = total / inside.sum(axis=(3, 4)).astype(np.float32)
    low, high = np.float32(layer.activation_min), np.float32(layer.activation_max)
    return np.where(total < low, low, np.where(high < total, high, total))


def _either(
    reference: Callable[[layers.Pool2D, NDArray[Any]], Words],
) -> Callable[[Any, NDArray[Any]], NDArray[Any]]:
    """`reference`, extended to float32."""
    return lambda layer, source: (
        _float_reference(layer, source) if isinstance(layer, Pool32) else reference(layer, source)
    )


def _clamped(layer: layers.Pool2D, values: Words) -> Words:
    clamped: Words = np.clip(values, layer.activation_min, layer.activation_max)
    return clamped


_TYPES = ("int8", "int16", "float32")
_RULE = Rule((Input(_TYPES, scales="shared", everything=True),), _TYPES)

OPERATORS = (
    Operator("AVERAGE_POOL_2D", _RULE, _lower, _either(_average_reference), _problem),
    Operator("MAX_POOL_2D", _RULE, _lower, _either(_max_reference), _problem),
)
