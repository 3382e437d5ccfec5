"""SOFTMAX of int16: exp and the reciprocal of the sum from tables of 513 entries.

A table divides a range of real values into 512 intervals of equal length; its entries are in Q0.15
and are interpolated linearly. Like the interpreter (`LUTPopulate`, in float32), each entry is
shifted by half of the interpolation error in the middle of its interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from .layers import Layer
from .numpy_arithmetic import Words, requantise
from .view import common

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from .view import OperatorView

SCALE = 1 / 32768
"""The output's scale, within a thousandth."""

_PIECES = 512
_LEAST, _MOST = -(1 << 15), (1 << 15) - 1


@dataclass(frozen=True, eq=False)
class SoftmaxInt16(Layer):
    """SOFTMAX int16 -> int16 over the last dimension. The factor scales differences to steps of
    10 / 65535. `exponential` (exp from -10.0 to 0.0) and `reciprocal` (1 / (1 + x) from 0.0 to 1.0)
    are int16 [513]."""

    rows: int
    depth: int
    multiplier: int
    shift: int
    exponential: NDArray[np.int16]
    reciprocal: NDArray[np.int16]


def _rounded(value: Any) -> np.float32:
    """Rounds to nearest with ties away from zero."""
    return np.float32(math.copysign(math.floor(abs(float(value)) + 0.5), float(value)))


def _table(function: Callable[[float], float], scale: float, zero: int) -> NDArray[np.int16]:
    """`function` of (stored - zero) * scale for every 128th stored int16, and for the last one."""
    single = np.float32
    step = single(scale)
    first, last = step * single(_LEAST - zero), step * single(_MOST - zero)
    output = single(2.0 / 65535)
    inverse = single(65536) / (output * single(_MOST) - output * single(_LEAST))
    piece = (last - first) / single(_PIECES)
    half = piece / single(2)

    def at(place: Any) -> np.float32:
        return single(function(float(place)))

    entries = []
    for number in range(_PIECES):
        start = first + single(number) * piece
        value, middle = at(start), at(start + half)
        following = at(first + single(number + 1) * piece)
        exact = _rounded(value * inverse)
        line = _rounded((following * inverse + exact) / single(2))
        error = line - _rounded(middle * inverse)
        entries.append(exact - _rounded(error / single(2)))
    entries.append(_rounded(at(last) * inverse))
    return np.clip(np.array(entries), _LEAST, _MOST).astype(np.int16)


@lru_cache(maxsize=1)
def tables() -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """The tables of exp and of 1 / (1 + x)."""
    return (
        _table(math.exp, 10 / 65535, _MOST),
        _table(lambda value: 1 / (1 + value), 1 / 65535, _LEAST),
    )


def lower(view: OperatorView) -> SoftmaxInt16:
    """The layer. Raises NotRepresentable for another output scale."""
    source, output = view.tensor(0), view.output.quantisation
    if output.zero_point or abs(output.scale - SCALE) > 0.001 * SCALE:
        raise q.NotRepresentable(
            f"its output has scale {output.scale:g} and zero point {output.zero_point}, "
            f"expected {SCALE:g} and 0"
        )
    beta = float(np.float32(view.option("beta")))
    factor = q.quantize_multiplier(source.quantisation.scale * beta / (10.0 / 65535.0))
    exponential, reciprocal = tables()
    depth = source.shape[-1]
    return SoftmaxInt16(
        **common(view),
        rows=source.elements // depth,
        depth=depth,
        multiplier=factor.multiplier,
        shift=factor.shift,
        exponential=exponential,
        reciprocal=reciprocal,
    )


def _looked_up(table: NDArray[np.int16], values: Words) -> Words:
    place = (values - _LEAST) >> 7
    known = table.astype(np.int64)
    slope = (known[place + 1] - known[place]).astype(np.int16).astype(np.int64)
    found: Words = known[place] + ((slope * (values & 127) + 64) >> 7)
    return found


def reference(layer: SoftmaxInt16, source: NDArray[Any]) -> Words:
    """The numpy reference."""
    values = source.reshape(layer.rows, layer.depth).astype(np.int64)
    below = values - values.max(axis=1, keepdims=True)
    scaled = requantise(below, layer.multiplier, layer.shift) + _MOST
    powers = _looked_up(layer.exponential, np.clip(scaled, _LEAST, _MOST))
    result = np.zeros(values.shape, np.int64)
    for row, total in enumerate(powers.sum(axis=1).tolist()):
        bits = int(total).bit_length()
        # The 16 bits of the sum after the leading one, rounded to nearest.
        fraction = ((total << (31 - bits)) + (1 << 13) >> 14) - (1 << 16)
        place = np.array(min(fraction, (1 << 16) - 1) + _LEAST, np.int64)
        factor = _looked_up(layer.reciprocal, place)
        result[row] = (powers[row] * factor + (1 << (bits - 2))) >> (bits - 1)
    clamped: Words = np.clip(result, 0, _MOST)
    return clamped
