"""How a broadcast operand is walked by the elementwise kernels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Periods:
    """`blocks` times `period` values, each used for `repeat` neighbouring output elements."""

    blocks: int
    period: int
    repeat: int


def periods(output: Sequence[int], operand: Sequence[int]) -> Periods | None:
    """How `operand` is broadcast to `output`; None where its sizes of 1 lie between others."""
    full = [1] * (len(output) - len(operand)) + list(operand)
    if math.prod(full) == math.prod(output):
        return Periods(1, math.prod(output), 1)
    own = [place for place, size in enumerate(full) if size > 1]
    if not own:
        return Periods(1, 1, math.prod(output))
    first, last = own[0], own[-1] + 1
    if list(full[first:last]) != list(output[first:last]):
        return None
    return Periods(
        math.prod(output[:first]), math.prod(output[first:last]), math.prod(output[last:])
    )
