"""FixedPoint reduced to one multiplication and one shift, if that can be proven exact.

The output is a staircase function of the accumulator, with at most 255 steps between its bounds. A
kernel that holds its weights in registers can scale them up at no cost. The additional bits let all
rounding constants be part of the accumulator's initial value:

    output - low = floor((acc * 2**scale + start) * multiplier / 2**(32 + shift))

`start` must be an integer, so this line may miss a step. So all steps are compared, over the whole
range that the weights can produce. Below zero, halves are rounded away from zero, which bends the
staircase: only layers whose lower bound is at least the output's zero point (ReLU) have a line.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .fixed_point import Accumulators

WORD = 2**31


@dataclass(frozen=True)
class Staircase:
    """One channel's constants; `start` is added to the weighted sum of the stored inputs.

    `silent`: the channel's output is a single value, and its weights must be replaced by zeros.
    """

    scale: int
    start: int
    multiplier: int
    shift: int
    silent: bool = False


def staircases(acc: Accumulators, layer: Any, most_scale: int = 24) -> tuple[Staircase, ...] | None:
    """A line per channel, or None if some channel has none."""
    if layer.activation_min < layer.output_offset:
        return None
    found = []
    for channel in range(len(acc.bias)):
        line = _staircase(
            int(acc.bias[channel]),
            int(acc.smallest[channel]),
            int(acc.largest[channel]),
            _Exact(
                int(np.broadcast_to(layer.multipliers, len(acc.bias))[channel]),
                int(np.broadcast_to(layer.shifts, len(acc.bias))[channel]),
                layer.output_offset - layer.activation_min,
                layer.activation_max - layer.activation_min,
            ),
            most_scale,
        )
        if line is None:
            return None
        found.append(line)
    return tuple(found)


@dataclass(frozen=True)
class _Exact:
    """output - low = clamp(floor((acc * slope + offset) / 2**bits), 0, limit), exactly."""

    multiplier: int
    factor: int
    zero: int
    limit: int

    @property
    def slope(self) -> int:
        return self.multiplier << max(self.factor, 0)

    @property
    def e(self) -> int:
        return max(-self.factor, 0)

    @property
    def bits(self) -> int:
        return 31 + self.e

    @property
    def offset(self) -> int:
        half = 2 ** (30 + self.e) if self.e else 0
        return 2**30 + half + (self.zero << self.bits)

    def at(self, acc: int) -> int:
        return min(max((acc * self.slope + self.offset) >> self.bits, 0), self.limit)

    def steps(self, first: int, last: int) -> dict[int, int]:
        """Output -> the smallest accumulator whose output is at least that one."""
        slope, bits, offset = self.slope, self.bits, self.offset
        return {value: -((offset - (value << bits)) // slope) for value in range(first, last + 1)}


# A layer is lowered again for another optimisation, a profile, a check: with the same channels.
@functools.lru_cache(maxsize=1 << 14)
def _staircase(bias: int, low: int, high: int, exact: _Exact, most_scale: int) -> Staircase | None:
    ends = exact.at(low), exact.at(high)
    if ends[0] == ends[1]:
        return Staircase(0, 4 * ends[0], 2**30, 0, silent=True)
    left = max(exact.factor, 0)
    reach = max(abs(low), abs(high)) + abs(bias) + abs(exact.offset // exact.slope) + 2
    top = min(most_scale, 31 - reach.bit_length())
    steps = exact.steps(ends[0] + 1, ends[1])
    for scale in range(top, max(top - 6, -1), -1):
        shift = exact.e - left + scale - 1
        if not 0 <= shift <= 31:
            continue
        best = -(-(exact.offset << scale) // exact.slope)
        for start in (best, best - 1, best + 1):
            line = _Line(start, scale, exact.multiplier, shift, exact.limit)
            if (line.at(low), line.at(high)) == ends and line.takes(steps):
                return Staircase(scale, start + (bias << scale), exact.multiplier, shift)
    return None


@dataclass(frozen=True)
class _Line:
    """What the kernel computes; `start` is here without the bias."""

    start: int
    scale: int
    multiplier: int
    shift: int
    limit: int

    def at(self, acc: int) -> int:
        """The output, or -1 if the scaled accumulator does not fit into a word."""
        value = (acc << self.scale) + self.start
        if not -WORD <= value < WORD:
            return -1
        return min(max((value * self.multiplier) >> (32 + self.shift), 0), self.limit)

    def takes(self, steps: dict[int, int]) -> bool:
        """Does each output begin at the accumulator of `steps`, not before and not later?

        These accumulators lie between two that fit into a word, so they fit too.
        """
        start, multiplier, bits = self.start, self.multiplier, 32 + self.shift
        one = multiplier << self.scale
        for value, step in steps.items():
            here = (step << self.scale) * multiplier + start * multiplier
            if not here - one < value << bits <= here:
                return False
        return True
