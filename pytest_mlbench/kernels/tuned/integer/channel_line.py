"""ADD, SUB and MUL with constants, one or two of them in one pass: channel_line.c."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Struct, TensorRef
from pytest_mlbench.kernels.tuned.channel_steps import (
    channels_of,
    elements,
    kernel_name,
    lines,
    moving_input,
    steps_of,
)
from pytest_mlbench.kernels.tuned.geometry import HEADER, beside

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import LowerContext
    from pytest_mlbench.kernels.tuned.requantise.channel_line import ChannelLine
    from pytest_mlbench.models.operators.layers import Elementwise, ElementwiseChain

SOURCES = beside(__file__, "channel_line.c")

TILE = 4
"""Channels that the kernel computes together."""

MOST_REPEATED = 16
"""Fewer channels than these are repeated until they fill whole tiles."""


def lower_channel_line(
    layer: Elementwise | ElementwiseChain, _context: LowerContext
) -> KernelCall | None:
    """The call for operators with constants; None unless they are lines."""
    steps = steps_of(layer)
    if steps is None:
        return None
    channels, count, moving = channels_of(steps), elements(layer), moving_input(layer)
    found = lines(steps, channels, from_zero=True)
    if found is None:
        return None
    constants = np.stack([part for line in found for part in (line.slope, line.offset)], axis=1)
    repeats = TILE // gcd(channels, TILE)
    if channels < MOST_REPEATED and count % (channels * repeats) == 0:
        constants = np.tile(constants, (repeats, 1))
    kernel = kernel_name(found)
    return KernelCall(
        kernel=kernel,
        library="tuned",
        function=f"mlbench_tuned_{kernel}",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_channel_line",
                {
                    "constants": Array("int32_t", constants.astype(np.int32), name="lines"),
                    "channels": len(constants),
                    "positions": count // len(constants),
                    "first": _rest(found[0]),
                    "second": _rest(found[-1]),
                    "low": steps[-1].activation_min,
                },
            ),
            TensorRef(layer.inputs[moving]),
            TensorRef(layer.outputs[0]),
        ),
        sources=SOURCES,
        in_place=((moving, 0),),
    )


def _rest(line: ChannelLine) -> Struct:
    return Struct(
        "struct mlbench_tuned_line",
        {
            "threshold": line.threshold,
            "step": line.step,
            "shift": line.shift,
            "range": line.high,
        },
    )
