"""The orders in which buffers are placed.

Memory planners for neural networks place the largest buffer first (Pisarchyk and Lee, "Efficient
Memory Management for Deep Neural Net Inference", 2020, section 5). The other orders are better on
some graphs and cost little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .problem import Buffer


def _steps(buffer: Buffer) -> int:
    return buffer.last - buffer.first + 1


_KEYS: Mapping[str, Callable[[Buffer], tuple[int, ...]]] = {
    "biggest first": lambda b: (-b.size, b.first),
    "most bytes times steps first": lambda b: (-b.size * _steps(b), b.first),
    "longest lived first": lambda b: (-_steps(b), -b.size),
    "first written first": lambda b: (b.first, -b.size),
    "last read first": lambda b: (-b.last, -b.size),
}


def orders(buffers: Sequence[Buffer]) -> dict[str, list[int]]:
    """Order's name -> buffer indices in that order. Ties keep the buffers' order."""
    return {
        name: sorted(range(len(buffers)), key=lambda i, key=key: (*key(buffers[i]), i))  # type: ignore[misc]
        for name, key in _KEYS.items()
    }
