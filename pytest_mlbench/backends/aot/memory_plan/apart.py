"""A plan for checked builds: no two buffers share a byte, and guard zones lie between them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from .problem import Plan, aligned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .problem import Buffer

GUARD = 256
"""Bytes, at least, before and after each buffer that belong to nobody."""

SEED = 1
"""Of the order in which buffers lie: any other than that in which they are used."""


def spread(buffers: Sequence[Buffer], seed: int = SEED) -> Plan:
    """Each buffer in memory of its own, in an order that `seed` shuffles.

    A zone begins with the byte behind a buffer's last one. Buffers are aligned as always and to no
    more than that: a kernel must not need it.
    """
    offsets = [0] * len(buffers)
    end = 0
    for number in sorted(range(len(buffers)), key=lambda i: _shuffled(seed, i)):
        offsets[number] = _odd(aligned(end + GUARD))
        end = offsets[number] + buffers[number].size
    return Plan(tuple(offsets), aligned(end + GUARD))


def _odd(offset: int) -> int:
    """The next multiple of the alignment that is none of twice as much."""
    unit = aligned(1)
    return offset if offset % (2 * unit) else offset + unit


def _shuffled(seed: int, number: int) -> bytes:
    return hashlib.sha256(f"{seed} {number}".encode()).digest()
