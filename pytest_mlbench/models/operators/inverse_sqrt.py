"""1 / sqrt(n) of an integer as a multiplier and a shift, in the interpreter's fixed point.

Five Newton-Raphson steps x <- x * (3 - n * x * x) / 2 in Q3.28, with products as defined in
gemmlowp's documentation.
"""

from __future__ import annotations

_MOST = (1 << 31) - 1
_HALF_SQRT_2 = 1518500250
"""sqrt(2) / 2 in Q0.31."""


def high_mul(left: int, right: int) -> int:
    """left * right / 2**31, to nearest with ties up."""
    return (left * right + (1 << 30)) >> 31


def _wrapped(value: int) -> int:
    return (value + (1 << 31)) % (1 << 32) - (1 << 31)


def _saturated(value: int) -> int:
    return min(max(value, -_MOST - 1), _MOST)


def scaled(value: int, multiplier: int, shift: int) -> int:
    """value * multiplier * 2**(shift - 31), rounded twice (`MultiplyByQuantizedMultiplier`)."""
    high = high_mul(_wrapped(value << max(shift, 0)), multiplier)
    right = max(-shift, 0)
    mask = (1 << right) - 1
    return (high >> right) + ((high & mask) > (mask >> 1) + (high < 0))


def inverse_sqrt(value: int) -> tuple[int, int]:
    """(multiplier, right shift): 1 / sqrt(value) = multiplier * 2**(-31 - right shift).

    `value` is an int32 above 0 (`GetInvSqrtQuantizedMultiplierExp`).
    """
    if value <= 1:
        return _MOST, 0
    shift = 11
    while value >= 1 << 29:
        value //= 4
        shift += 1
    pairs = (32 - value.bit_length() - 1) // 2 - 1
    shift -= pairs
    value <<= 2 * pairs
    whole = value >> 1
    half = (whole >> 1) + (whole & 1)
    x = 1 << 28
    for _ in range(5):
        square = high_mul(x, x)  # Q6.25
        cube = _saturated(high_mul(square, x) << 6)  # from Q9.22 to Q3.28
        x = _saturated((high_mul((1 << 28) + (1 << 27), x) - high_mul(half, cube)) << 3)
    x = high_mul(x, _HALF_SQRT_2)
    if shift < 0:
        return x << -shift, 0
    return x, shift
