"""Instructions of the other kernels for V, as many as their listings have."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .facts import Facts


def fully_connected(layer: Facts) -> float:
    """vector_fully_connected.S: lanes are inputs, sixteen channels at a time."""
    chunks = -(-layer["k"] // (layer.machine.vlen // 2))
    groups = -(-layer["channels"] // 16)
    each = groups * (52 + 2 * layer["is_signed"] + 8 * chunks) + 6 * layer["channels"] * chunks
    return 15 + layer["rows"] * (7 + each)


def add(layer: Facts) -> float:
    """vector_add of vector_elementwise.S."""
    strips = -(-layer["count"] // (layer.machine.vlen // 4))
    return 26 + strips * (35 + 2 * layer["is_signed"].bit_count())


def arithmetic(layer: Facts, operands: int, signs: int = 7) -> float:
    """vector_arithmetic.S; `operands`: instructions for both operands of a strip, without signs;
    `signs`: the bits of `is_signed` that it looks at."""
    lanes = layer.machine.vlen // 4
    blocks, rest = divmod(layer["count"], layer["period"])
    strips = blocks * -(-layer["period"] // lanes) + -(-rest // lanes)
    each = operands + 16 + 2 * (layer["is_signed"] & signs).bit_count()
    return 34 + 6 * (blocks + (rest > 0)) + strips * each


def channel_line(layer: Facts, strip: int, fixed: int) -> float:
    """vector_channel_line.S: constants from their start again after every period."""
    lanes = layer.machine.vlen // 4
    blocks, rest = divmod(layer["count"], layer["period"])
    strips = blocks * -(-layer["period"] // lanes) + -(-rest // lanes)
    return fixed + (6 + 2 * (strip > 25)) * (blocks + (rest > 0)) + strips * strip


def lookup(layer: Facts) -> float:
    """vector_lookup.S."""
    return 5 + 8 * -(-layer["count"] // layer.machine.vlen)


def mean(layer: Facts) -> float:
    """vector_mean of vector_reduce.S."""
    rows = layer["rows"]
    chunks = -(-rows // 256)
    passes = -(-layer["channels"] // (layer.machine.vlen // 4))
    each = 23 + 2 * (layer["shift"] != 0) + 10 * chunks + 5 * rows
    return 10 + layer["outer"] * (6 + passes * each)


def softmax(layer: Facts) -> float:
    """vector_softmax.S: exponentials are computed for the sum and again for the outputs."""
    vlen, depth = layer.machine.vlen, layer["depth"]
    step = 91 + 7 * (layer.machine.xlen == 64)
    strips = -(-depth // (vlen // 8))
    row = 85 + 6 * -(-depth // vlen) + strips * (2 * step + 16)
    return 22 + layer["rows"] * row


def softmax_two(layer: Facts) -> float:
    """vector_softmax_two.S: lanes are rows."""
    return 6.0 + 15 * -(-layer["rows"] // (layer.machine.vlen // 4))
