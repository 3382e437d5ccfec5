"""Axes: from values to places, with ticks at round numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LOG_FROM = 4
"""An axis is logarithmic if its greatest value is at least this many times its least."""


@dataclass(frozen=True)
class Axis:
    """Values from `low` to `high` on places from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool
    ticks: tuple[float, ...]

    def place(self, value: float) -> float:
        """The place of `value`, rounded to a tenth."""
        low, high = self.low, self.high
        if self.logarithmic:
            value = math.log(value) if value > 0 else math.log(low)
            low, high = math.log(low), math.log(high)
        share = (value - low) / (high - low)
        return round(self.start + share * (self.end - self.start), 1)

    @property
    def labels(self) -> list[tuple[float, str]]:
        """The place and text of each tick."""
        return [(self.place(tick), short(tick)) for tick in self.ticks]


def axis(values: Iterable[float], start: float, end: float, *, ticks: int = 4) -> Axis:
    """An axis that holds `values` (from 0) with room at both ends; zero is not forced into it."""
    known = sorted(values) or [1.0]
    low, high = max(known[0], 0.0), max(known[-1], 1.0)
    if low > 0 and high >= _LOG_FROM * low:
        return log_axis(known, start, end, ticks=ticks)
    edge = (high - low) * 0.12 or max(high * 0.1, 1.0)
    low, high = max(low - edge, 0.0), high + edge
    return Axis(low, high, start, end, False, _linear_ticks(low, high, ticks))


def log_axis(values: Iterable[float], start: float, end: float, *, ticks: int = 4) -> Axis:
    """A logarithmic axis that holds `values`, all above 0, with room at both ends."""
    known = sorted(values)
    low, high = known[0], known[-1]
    edge = (high / low) ** 0.08 if high > low else 2.0
    low, high = low / edge, high * edge
    return Axis(low, high, start, end, True, _log_ticks(low, high, ticks))


def _linear_ticks(low: float, high: float, wanted: int) -> tuple[float, ...]:
    step = _round((high - low) / wanted)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return tuple(number * step for number in range(first, last + 1))


def _round(step: float) -> float:
    """The nearest of 1, 2, 5 times a power of ten from `step` upwards."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step * 0.999)


def _log_ticks(low: float, high: float, wanted: int) -> tuple[float, ...]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found: tuple[float, ...] = ()
    for factors in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7)):
        found = tuple(
            factor * 10.0**power
            for power in powers
            for factor in factors
            if low <= factor * 10.0**power <= high
        )
        if len(found) >= min(wanted, 3):
            break
    return found


def short(value: float) -> str:
    """A tick's number with k or M (thousands, millions): 1.5M, 20k, 300."""
    for limit, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.3g}{suffix}"
    return f"{value:.3g}"
