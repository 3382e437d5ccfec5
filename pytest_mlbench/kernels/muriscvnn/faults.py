"""Layers that the pinned muRISCV-NN computes wrongly or traps on. Pure functions.

Read in its sources at cec46aa9, 4b7e92ad and 5474a6a6, which lie around the pinned commit; see
docs/upstream.md. The `aot` backend leaves such a layer to the reference kernel.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_mlbench.models.operators.layers import (
    Conv2D,
    DepthwiseConv2D,
    Elementwise,
    FullyConnected,
)

if TYPE_CHECKING:
    from pytest_mlbench.models.operators.layers import Layer

BLOCK = 124
"""Channels that the vector depthwise kernel takes at once (CH_IN_BLOCK_MVE)."""


def loads_words(header: str) -> bool:
    """Does `muriscv_nn_read_q7x4` of this header load a word from any address? Else it copies."""
    body = re.search(r"\bmuriscv_nn_read_q7x4\s*\([^)]*\)\s*\{(.*?)\n\}", header, re.DOTALL)
    return body is not None and "memcpy" not in body[1]


def fault(layer: Layer, *, vectors: bool, words: bool = True) -> str:
    """What goes wrong with `layer`, as a clause; empty when nothing is known to.

    `vectors`: built with `vext`. `words`: what `loads_words` says of the checkout.
    """
    if not vectors:
        return _unaligned(layer) if words else ""
    if isinstance(layer, DepthwiseConv2D):
        _, rows, columns, channels = layer.output_shape
        if layer.depth_multiplier == 1 and channels > BLOCK and rows * columns % 4:
            return (
                f"with vectors, the pixels that are left over of {rows}x{columns} are wrong from "
                f"channel {BLOCK} on"
            )
    elif isinstance(layer, Conv2D):
        rows, columns = layer.input_shape[1], layer.output_shape[2]
        if rows == 1 and columns % 4 == 0 and layer.weights.shape[1] > 1:
            return "with vectors, its path for inputs of one row takes filters of several, too"
    if _shifts_left(layer):
        return "with vectors, a requantisation with a positive shift overflows"
    return ""


def _unaligned(layer: Layer) -> str:
    if not isinstance(layer, DepthwiseConv2D):
        return ""
    _, rows, columns, channels = layer.weights.shape
    taken = layer.depth_multiplier == 1 and (rows, columns) == (3, 3) and max(layer.padding) <= 1
    if not taken or channels < 4 or channels % 4 == 0:
        return ""
    return f"its 3x3 depthwise kernel loads words at addresses that {channels} channels misalign"


def _shifts_left(layer: Layer) -> bool:
    """Is anything requantised with a shift above 0?"""
    if isinstance(layer, (Conv2D, FullyConnected)):
        return bool((layer.shifts > 0).any())
    if isinstance(layer, Elementwise):
        return max(layer.left.shift, layer.right.shift, layer.output_shift) > 0
    return False
