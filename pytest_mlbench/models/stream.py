"""A stream of random integers that is the same on every machine and with every numpy.

SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014): each
number is a hash of a counter, so a whole array is computed at once in integer arithmetic.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_STEP = 0x9E3779B97F4A7C15
_MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))


class Stream:
    """The random integers seeded by `name`. Each call continues where the last one ended."""

    def __init__(self, name: str) -> None:
        self._seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
        self._used = 0

    def bits(self, count: int) -> NDArray[np.uint64]:
        """`count` integers of 64 random bits."""
        import numpy as np

        first = self._used + 1
        self._used += count
        state = np.arange(first, first + count, dtype=np.uint64) * np.uint64(_STEP)
        state += np.uint64(self._seed)
        for shift, factor in _MIX:
            state = (state ^ (state >> np.uint64(shift))) * np.uint64(factor)
        return state ^ (state >> np.uint64(31))

    def integers(self, low: int, high: int, count: int) -> NDArray[np.int64]:
        """`count` integers from `low` to `high`, both included; `high - low` is below 2**32."""

        import numpy as np

        span = np.uint64(high - low + 1)
        upper = self.bits(count) >> np.uint64(32)
        return ((upper * span) >> np.uint64(32)).astype(np.int64) + low
