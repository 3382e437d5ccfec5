"""ADD, SUB and MUL with constants, alone or one after another, as one or two lines per channel."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.models.operators.layers import ElementwiseChain

from .requantise.channel_line import (
    ChannelLine,
    Function,
    channel_line,
    function,
    moving_side,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_mlbench.models.operators.layers import Elementwise

MOST = 2
"""Lines that a kernel computes one after another."""


def steps_of(layer: Elementwise | ElementwiseChain) -> tuple[Elementwise, ...] | None:
    """The operators of `layer`; None if some operand is neither a constant of one value or one per
    channel nor the last result."""
    steps = layer.steps if isinstance(layer, ElementwiseChain) else (layer,)
    return None if any(moving_side(step) is None for step in steps) else steps


def channels_of(steps: Sequence[Elementwise]) -> int:
    """The number of channels with constants of their own: 1 if each constant is one value."""
    sides = [side for step in steps for side in (step.left, step.right)]
    return max(side.data.size for side in sides if side.data is not None)


def lines(
    steps: Sequence[Elementwise], channels: int, *, from_zero: bool
) -> tuple[ChannelLine, ...] | None:
    """One line for all `steps`, if that is exact, or else one for each; None if there are none.

    `from_zero`: outputs of each line, and inputs of a second one, are relative to their lower
    bounds, as the integer kernel needs them.
    """
    # Passes, predictions and every feature set ask for the same lines.
    key = (tuple(map(_contents, steps)), channels, from_zero)
    if key not in _found:
        while len(_found) >= _MOST_KEPT:
            _found.pop(next(iter(_found)))
        _found[key] = _lines(steps, channels, from_zero=from_zero)
    return _found[key]


_MOST_KEPT = 1000
_found: dict[object, tuple[ChannelLine, ...] | None] = {}


def _contents(step: Elementwise) -> tuple[object, ...]:
    """All of a step that decides its outputs."""
    found: list[object] = [step.kind, step.output_shape]
    for side in (step.left, step.right):
        found += [side.shape, side.offset, side.multiplier, side.shift]
        found.append(None if side.data is None else (side.data.shape, side.data.tobytes()))
    found += [step.left_shift, step.output_offset, step.output_multiplier, step.output_shift]
    return (*found, step.activation_min, step.activation_max)


def _lines(
    steps: Sequence[Elementwise], channels: int, *, from_zero: bool
) -> tuple[ChannelLine, ...] | None:
    functions = [function(step, channels) for step in steps]
    *_, whole = accumulate(functions, Function.then)
    single = channel_line(whole, base=whole.low if from_zero else 0)
    if single is not None or len(steps) == 1:
        return None if single is None else (single,)
    if len(steps) > MOST:
        return None
    first, second = functions
    head = channel_line(first, base=first.low if from_zero else 0)
    seen = np.arange(first.outputs.min(), first.outputs.max() + 1)
    tail = channel_line(second, seen, base=second.low if from_zero else 0)
    if head is None or tail is None:
        return None
    if not from_zero:
        return head, tail
    # Unsigned arithmetic wraps; only the sum has to fit.
    moved = tail.offset + tail.slope * first.low
    return head, replace(tail, offset=wrapped(moved))


def elements(layer: Elementwise | ElementwiseChain) -> int:
    """The number of outputs."""
    return prod(layer.output_shape)


def moving_input(layer: Elementwise | ElementwiseChain) -> int:
    """The position of the input that is not constant."""
    return 0 if isinstance(layer, ElementwiseChain) else moving_side(layer) or 0


def kernel_name(found: Sequence[ChannelLine]) -> str:
    """`channel_line` or `channel_lines`, with `_signed` if a step at 0 makes a difference."""
    signed = "_signed" if any(line.step for line in found) else ""
    return f"channel_line{'s' if len(found) > 1 else ''}{signed}"
