"""Requantisation by two small products, if that can be proven exact: for cores on which the upper
half of a product is slow.

The output is a staircase function of the accumulator, with at most 255 steps between its bounds.
Only the accumulators from just before the first step to the last step matter: all others are
clamped to this range, which also bounds the output. The result `a` has few bits, and a line goes
through its steps, with the slope upper + lower / 2**bits:

    a      = clamp(acc, 0, most)                          acc counts from `start`
    output = (a * upper + ((a * lower) >> bits) + offset) >> SHIFT

The multiplier of MultiplyByQuantizedMultiplier has more bits, and halves are rounded away from
zero. So the line is compared with every step, and rejected if it misses one.

Halves rounded away from zero bend the staircase at the output's zero point. A bent line has another
offset below it:

    output = (a * upper + ((a * lower) >> bits) + offset + (below if a < bend else 0)) >> SHIFT
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .fixed_point import exactly

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .fixed_point import Accumulators

    Int64 = NDArray[np.int64]

SHIFT = 23
"""The output's position in a word: with eight bits above it, no sum overflows 32 bits."""

MOST_BITS = 16

WORD = 2**31


@dataclass(frozen=True)
class Line:
    """One channel's constants. `start` is the bias, with the input's zero point folded in. A
    straight line has no `bend`."""

    start: int
    most: int
    upper: int
    lower: int
    offset: int
    bits: int
    bend: int = 0
    below: int = 0


def lines_of_each(acc: Accumulators, layer: Any) -> tuple[Line | None, ...]:
    """A line per channel for `layer` (anything with multipliers, shifts, output_offset and
    activation bounds), or None where a channel has none or needs more than 32 bits."""
    return tuple(steps.line(steps.bits) if steps else None for steps in _channels(acc, layer))


def lines_alike(acc: Accumulators, layer: Any, *, bent: bool = False) -> tuple[Line, ...] | None:
    """A line for each channel, all with the same `bits`, straight or `bent`; None if some channel
    has none."""
    channels = _channels(acc, layer)
    bits = min(steps.bits if steps else 0 for steps in channels)
    lines = [steps.line(bits, bent=bent) if steps and bits else None for steps in channels]
    found = tuple(line for line in lines if line)
    return found if len(found) == len(channels) else None


def _channels(acc: Accumulators, layer: Any) -> list[_Steps | None]:
    channels = len(acc.bias)
    multipliers = np.broadcast_to(layer.multipliers.reshape(-1), channels)
    shifts = np.broadcast_to(layer.shifts.reshape(-1), channels)
    columns = (acc.bias, acc.smallest, acc.largest, multipliers, shifts)
    rows = (tuple(int(value) for value in row) for row in zip(*columns, strict=True))
    return [_steps(*row, layer=layer) for row in rows]


NEAR = 2
"""How far from the real quotient most steps begin at most: rounding moves them."""


@dataclass(frozen=True, eq=False)
class _Steps:
    """The outputs that a channel can have, and the accumulators, relative to `start`, at which they
    begin. The first output begins at 0. `negative` steps lead to outputs of at most the zero point.
    """

    start: int
    first: int
    begins: Int64
    slope: float
    negative: int

    @property
    def most(self) -> int:
        return int(self.begins[-1]) if len(self.begins) else 0

    @property
    def bits(self) -> int:
        """The most bits that the slope's lower part may have."""
        return max(min(MOST_BITS, 32 - self.most.bit_length()), 0)

    def line(self, bits: int, *, bent: bool = False) -> Line | None:
        """A line through all steps; `bent`: with an offset of its own for the negative ones."""
        scale = 2 ** (SHIFT + bits)
        nearest = round(self.slope * scale)
        # With few steps, several slopes are possible.
        by_ends = len(self.begins) * scale // max(self.most, 1)
        at = self.negative if bent and self.negative < len(self.begins) else 0
        for slope in (nearest, nearest - 1, nearest + 1, nearest - 2, nearest + 2, by_ends):
            upper, lower = divmod(max(slope, 0), 2**bits)
            if upper >= WORD or self.most * upper >= 2 * WORD:
                continue
            offset = self._offset(upper, lower, bits, at, len(self.begins))
            other = self._offset(upper, lower, bits, 0, at) if at else offset
            if offset is not None and other is not None:
                bend = int(self.begins[at]) if at else 0
                constants = (upper, lower, offset, bits, bend, other - offset)
                return Line(self.start, self.most, *constants)
        return None

    def _offset(self, upper: int, lower: int, bits: int, begin: int, end: int) -> int | None:
        """The offset that makes the line go through the steps `begin` to `end` - 1, from the first
        accumulator or step `begin` to just before step `end` or the last accumulator."""

        def height(a: Int64) -> Int64:
            return a * upper + ((a * lower) >> bits)

        steps = np.arange(1, len(self.begins) + 1, dtype=np.int64) << SHIFT
        reached = (steps - height(self.begins))[begin:end].tolist()
        missed = (steps - height(self.begins - 1))[begin + (begin > 0) : end + 1].tolist()
        if begin == 0:
            reached.append(0)
            missed.append(2**SHIFT)
        if end == len(steps):
            missed.append(((end + 1) << SHIFT) - int(height(np.array([self.most], np.int64))[0]))
        least, most = max(reached), min(missed) - 1
        return None if least > most else (least + most) // 2 + (self.first << SHIFT)


def _steps(
    bias: int, low: int, high: int, multiplier: int, factor: int, *, layer: Any
) -> _Steps | None:
    """The steps of one channel whose accumulators are from `low` to `high`."""
    if max(-low, high) << max(factor, 0) >= WORD:
        return None

    def output(acc: Int64) -> Int64:
        value: Int64 = exactly(acc, multiplier, factor) + layer.output_offset
        return value.clip(layer.activation_min, layer.activation_max)

    first, last = output(np.array([low, high], np.int64)).tolist()
    wanted = np.arange(first + 1, last + 1, dtype=np.int64)
    slope = multiplier * 2.0 ** (factor - 31)
    near = np.clip((wanted - layer.output_offset - 0.5) / slope, low, high).astype(np.int64)
    below, at = np.maximum(near - NEAR, low), np.minimum(near + NEAR, high)
    # Halving: output(below) < wanted <= output(at).
    below = np.where(output(below) < wanted, below, low)
    at = np.where(output(at) >= wanted, at, high)
    while (at - below > 1).any():
        middle = (below + at) >> 1
        reached = output(middle) >= wanted
        below, at = np.where(reached, below, middle), np.where(reached, middle, at)
    base = int(at[0]) - 1 if len(at) else low
    if any(not -WORD <= value - base < WORD for value in (bias, low, high)):
        return None
    negative = min(max(layer.output_offset - first, 0), len(at))
    return _Steps(bias - base, first, at - base, slope, negative)
