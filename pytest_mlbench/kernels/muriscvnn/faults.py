"""Layers that the pinned muRISCV-NN computes wrongly or traps on. Pure functions.

Found in its sources at cec46aa9, 4b7e92ad and 5474a6a6, commits close to the pinned one; see
docs/upstream.md. The `aot` backend gives such a layer to the reference kernel.
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
"""Channels that the vector depthwise kernel processes at once (CH_IN_BLOCK_MVE)."""


def loads_words(header: str) -> bool:
    """Does this header's `muriscv_nn_read_q7x4` load words from unaligned addresses?

    Otherwise it copies the bytes.
    """
    body = re.search(r"\bmuriscv_nn_read_q7x4\s*\([^)]*\)\s*\{(.*?)\n\}", header, re.DOTALL)
    return body is not None and "memcpy" not in body[1]


def of_compiler(compiler: str, *, vectors: bool) -> str:
    """The known fault of `compiler` ('gcc 13.2.0') with the kernels; empty if there is none.

    Seen with GCC 13.2: `vsext.vf2` for 16-bit elements while the vector unit is set to 8 bits
    (muRISCV-NN's issue 52).
    """
    if not vectors or not compiler.startswith("gcc 13."):
        return ""
    return (
        "GCC 13: with vectors, it may leave out a vsetvli, which ends in an illegal instruction or "
        "a wrong output; LLVM does not"
    )


def fault(layer: Layer, *, vectors: bool, words: bool = True) -> str:
    """The known fault for `layer`, as a clause; empty if there is none.

    `vectors`: built with `vext`. `words`: the result of `loads_words` for the checkout.
    """
    if not vectors:
        return _unaligned(layer) if words else ""
    if isinstance(layer, DepthwiseConv2D):
        _, rows, columns, channels = layer.output_shape
        if layer.depth_multiplier == 1 and channels > BLOCK and rows * columns % 4:
            return (
                f"with vectors, the remaining pixels of {rows}x{columns} are wrong from "
                f"channel {BLOCK} on"
            )
    elif isinstance(layer, Conv2D):
        rows, columns = layer.input_shape[1], layer.output_shape[2]
        if rows == 1 and columns % 4 == 0 and layer.weights.shape[1] > 1:
            return "with vectors, its path for one-row inputs is also used for multi-row filters"
    if _shifts_left(layer):
        return "with vectors, a requantisation with a positive shift overflows"
    return ""


def _unaligned(layer: Layer) -> str:
    if not isinstance(layer, DepthwiseConv2D):
        return ""
    _, rows, columns, channels = layer.weights.shape
    uses_kernel = (
        layer.depth_multiplier == 1 and (rows, columns) == (3, 3) and max(layer.padding) <= 1
    )
    if not uses_kernel or channels < 4 or channels % 4 == 0:
        return ""
    return f"its 3x3 depthwise kernel loads words, which {channels} channels misalign"


def _shifts_left(layer: Layer) -> bool:
    """Does any requantisation use a shift above 0?"""
    if isinstance(layer, (Conv2D, FullyConnected)):
        return bool((layer.shifts > 0).any())
    if isinstance(layer, Elementwise):
        return max(layer.left.shift, layer.right.shift, layer.output_shift) > 0
    return False
