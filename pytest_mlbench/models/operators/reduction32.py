"""MEAN, SUM, REDUCE_MAX, REDUCE_MIN, ARG_MAX and ARG_MIN of float32.

Sums depend on their order: values are added one by one in the order in which they are stored.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .extremes import AnyArgExtreme, AnyExtreme
from .float32 import LARGEST
from .layers import Layer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Sum32(Layer):
    """SUM over `axes`, and MEAN: the sum is divided by `divisor`, the count (1 for SUM)."""

    input_shape: tuple[int, ...]
    axes: tuple[int, ...]
    divisor: float


@dataclass(frozen=True, eq=False)
class Extreme32(AnyExtreme):
    """REDUCE_MAX and REDUCE_MIN of float32, from the least float32 on."""


@dataclass(frozen=True, eq=False)
class ArgExtreme32(AnyArgExtreme):
    """ARG_MAX and ARG_MIN of float32."""


def _terms(layer: Sum32 | Extreme32, source: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """The values that are reduced, one for every output at a time, in the order of the input."""
    values = source.reshape(layer.input_shape)
    kept = [axis for axis in range(values.ndim) if axis not in layer.axes]
    shape = tuple(layer.input_shape[axis] for axis in kept)
    count = math.prod(layer.input_shape[axis] for axis in layer.axes)
    yield from values.transpose(*layer.axes, *kept).reshape(count, *shape)


def sum_reference(layer: Sum32, source: NDArray[Any]) -> NDArray[Any]:
    """The numpy reference of SUM and MEAN."""
    total: NDArray[Any] = np.zeros((), np.float32)
    with np.errstate(all="ignore"):
        for one in _terms(layer, source):
            total = total + one
        return total / np.float32(layer.divisor)


def extreme_reference(layer: Extreme32, source: NDArray[Any]) -> NDArray[Any]:
    """The numpy reference of REDUCE_MAX and REDUCE_MIN."""
    best: NDArray[Any] = np.asarray(-LARGEST * layer.sign, np.float32)
    for one in _terms(layer, source):
        best = np.where(one > best if layer.sign > 0 else one < best, one, best)
    return best


def arg_reference(layer: ArgExtreme32, source: NDArray[Any]) -> NDArray[Any]:
    """The numpy reference of ARG_MAX and ARG_MIN."""
    rows = source.reshape(layer.outer, layer.size, layer.inner)
    best, found = rows[:, 0], np.zeros((layer.outer, layer.inner), np.int32)
    for place in range(1, layer.size):
        one = rows[:, place]
        better = one > best if layer.sign > 0 else one < best
        best, found = np.where(better, one, best), np.where(better, place, found)
    return found
