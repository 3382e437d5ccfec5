"""LOG_SOFTMAX over the last dimension."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from .fixed_point import exp_of_negative
from .inverse_sqrt import high_mul, scaled
from .layers import Layer
from .operator import Operator
from .rules import Input, Rule
from .shapes import same_shape
from .view import common, expect_output

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import OperatorView

_MOST = (1 << 31) - 1


@dataclass(frozen=True, eq=False)
class LogSoftmax(Layer):
    """LOG_SOFTMAX int8 -> int8 over the last dimension; output scale 1/16, zero point 127.

    multiplier, shift and diff_min as of `layers.Softmax`; the reverse factor brings Q5.26 back to
    stored steps (`PreprocessLogSoftmaxScalingExp`)."""

    rows: int
    depth: int
    multiplier: int
    shift: int
    diff_min: int
    reverse_multiplier: int
    reverse_shift: int


def _problem(view: OperatorView) -> str:
    return same_shape(view) if view.tensor(0).shape else "its input is a scalar"


def _lower(view: OperatorView) -> LogSoftmax:
    source = view.tensor(0)
    expect_output(view, 1 / 16, 127)
    factor, diff_min = q.softmax_scaling(1.0, source.quantisation.scale)
    reverse = q.smaller_than_one((1 << (31 - factor.shift)) / factor.multiplier)
    depth = source.shape[-1]
    return LogSoftmax(
        **common(view),
        rows=source.elements // depth,
        depth=depth,
        multiplier=factor.multiplier,
        shift=factor.shift,
        diff_min=diff_min,
        reverse_multiplier=reverse.multiplier,
        reverse_shift=reverse.shift,
    )


def _wrapped(value: int) -> int:
    return (value + (1 << 31)) % (1 << 32) - (1 << 31)


def _doubled(value: int, times: int) -> int:
    """value * 2**times, saturated to int32."""
    return min(max(value << max(times, 0), -_MOST - 1), _MOST)


def _divided(value: int, exponent: int) -> int:
    """value / 2**exponent, to nearest with ties away from zero."""
    mask = (1 << exponent) - 1
    return (value >> exponent) + ((value & mask) > (mask >> 1) + (value < 0))


def _reciprocal(value: int) -> int:
    """1 / (1 + value) in Q0.31 for value in [0, 1) in Q0.31 (gemmlowp/fixedpoint)."""
    half = (value + (1 << 31)) >> 1
    x = 1515870810 + high_mul(half, -1010580540)
    for _step in range(3):
        x += _doubled(high_mul(x, (1 << 29) - high_mul(half, x)), 2)
    return _doubled(x, 1)


def _logarithm(value: int) -> int:
    """log(value) in Q5.26 for value >= 1 in Q12.19.

    value = 2**n * r, with two choices of n (relative to 1 and to sqrt(2)); the smaller r is used.
    log(r) is a rational function around sqrt(sqrt(0.5)), with coefficients in Q0.31.
    """
    log_2, sqrt_half, root = 1488522236, 1518500250, 1805811301
    zeros = 32 - value.bit_length()
    headroom = 31 - high_mul(value, sqrt_half).bit_length()
    r = min(_doubled(high_mul(_doubled(value, zeros - 1), sqrt_half), 1), _doubled(value, headroom))
    quarter = 1 << 23
    power = max(((12 - zeros) << 25) + quarter, ((12 - headroom) << 25) - quarter)
    p = (r + root + 1) // 2
    q_ = 2 * (r - root)
    square = high_mul(q_, q_)
    numerator = high_mul(q_, r) + high_mul(high_mul(q_, square), 117049297)
    denominator = high_mul(p, 1057819769 + q_ + high_mul(127690142, square))
    denominator += high_mul(638450708, q_)
    quotient = high_mul(_divided(numerator, 6), _reciprocal(denominator))
    return _doubled(high_mul(power, log_2) + quotient, 1)


def _reference(layer: LogSoftmax, source: NDArray[Any]) -> NDArray[np.int64]:
    rows = source.reshape(layer.rows, layer.depth).astype(int)
    result = np.full(rows.shape, -128, np.int64)
    for row, values in enumerate(rows):
        below = (values - values.max()).tolist()
        fine = [scaled(one, layer.multiplier, layer.shift) for one in below]
        counted = np.array(
            [one for one, step in zip(fine, below, strict=True) if step >= layer.diff_min]
        )
        terms = exp_of_negative(counted, 5).tolist()
        log_sum = _logarithm(_wrapped(sum(_divided(term, 12) for term in terms)))
        least = max(
            layer.diff_min - 1,
            scaled(_wrapped(log_sum - (1 << 31)), layer.reverse_multiplier, layer.reverse_shift),
        )
        for place, (one, step) in enumerate(zip(fine, below, strict=True)):
            if step > least:
                value = _divided(_wrapped(one - log_sum), 22) + 127
                result[row, place] = min(max(value, -128), 127)
    return result


OPERATORS = (Operator("LOG_SOFTMAX", Rule((Input(),)), _lower, _reference, _problem),)
