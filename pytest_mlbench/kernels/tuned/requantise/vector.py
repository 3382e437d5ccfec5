"""FixedPoint on the vector unit: vsmul, then vssra."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .fixed_point import exactly, fits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .fixed_point import Accumulators

    Int64 = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class VectorRounding:
    """Per channel, int64: output = ((acc * multiplier + 2**30) >> 31), shifted right by e with
    rounding, where acc starts at `bias`.

    `silent`: the channel's output is a single value, and its weights must be replaced by zeros.
    """

    bias: Int64
    multiplier: Int64
    e: Int64
    silent: NDArray[np.bool_]
    is_signed: bool


def vector_rounding(acc: Accumulators, layer: Any) -> VectorRounding | None:
    """The constants of vsmul and vssra.

    None for factors >= 1, and for factors >= 1/2 if rounding of negative halves matters.
    """
    channels = len(acc.bias)
    bias = acc.bias.copy()
    multiplier = np.broadcast_to(layer.multipliers.astype(np.int64).reshape(-1), channels).copy()
    factor = np.broadcast_to(layer.shifts.astype(np.int64).reshape(-1), channels)
    e = -factor
    silent = np.zeros(channels, bool)
    if not fits(acc.smallest) or not fits(acc.largest):
        return None
    for i in range(channels):
        first, last = (
            exactly(int(bound[i]), int(multiplier[i]), int(factor[i]))
            for bound in (acc.smallest, acc.largest)
        )
        if first == last:  # (4 * value * 2**30) >> 31, then one bit more, is the value
            bias[i] = 4 * min(max(first, -256), 255)
            multiplier[i], e[i], silent[i] = 2**30, 1, True
    is_signed = bool(layer.activation_min < layer.output_offset)
    if (e < int(is_signed)).any() or (e > 31).any():
        return None
    return VectorRounding(bias, multiplier, e, silent, is_signed)
