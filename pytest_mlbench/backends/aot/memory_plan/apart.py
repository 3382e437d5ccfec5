"""A plan for checked builds: no two buffers share a byte, with guard zones between them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from .problem import Plan, aligned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .problem import Buffer

GUARD = 256
"""Minimum size in bytes of the guard zones before and after each buffer."""

SEED = 1
"""The seed of the buffers' order, which must differ from the order of their use."""


def spread(buffers: Sequence[Buffer], seed: int = SEED) -> Plan:
    """Places all buffers without sharing, in an order that `seed` shuffles.

    A guard zone begins with the byte after a buffer's last one. Buffers get exactly the promised
    alignment and no more, so that a kernel that needs more fails.
    """
    offsets = [0] * len(buffers)
    end = 0
    for number in sorted(range(len(buffers)), key=lambda i: _shuffled(seed, i)):
        offsets[number] = _odd(aligned(end + GUARD))
        end = offsets[number] + buffers[number].size
    return Plan(tuple(offsets), aligned(end + GUARD))


def _odd(offset: int) -> int:
    """The next odd multiple of the alignment."""
    unit = aligned(1)
    return offset if offset % (2 * unit) else offset + unit


def _shuffled(seed: int, number: int) -> bytes:
    return hashlib.sha256(f"{seed} {number}".encode()).digest()
