"""The constants of xpulp_gemm.S: one stream of bytes in the order in which it reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, Struct
from pytest_mlbench.kernels.tuned.geometry import GROUP, group_starts, padded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.kernels.tuned.requantise.fixed_point import Accumulators, FixedPoint

TILE = 4


def stream(
    weights: NDArray[np.int8], acc: Accumulators, requantisation: FixedPoint
) -> NDArray[np.uint32]:
    """`weights` [channel, k] and their constants, per group of four channels: see xpulp_gemm.S.

    The last group of a number of channels that is no multiple of four overlaps the one before;
    fewer than four channels are filled up with zeros.
    """
    channels, k = weights.shape
    filled = np.zeros((max(channels, GROUP), padded(k)), np.int8)
    filled[:channels, :k] = weights
    firsts = group_starts(len(filled))
    chunks = []
    for number, first in enumerate(firsts):
        advance = firsts[number + 1] - first if number + 1 < len(firsts) else 0
        own = slice(first, first + GROUP)
        words = filled[own].reshape(GROUP, -1, 4).transpose(1, 0, 2)
        chunks += [
            _constants(acc.bias[own], "<i4"),
            np.ascontiguousarray(words).tobytes(),
            _constants(requantisation.multiplier[own], "<i4"),
            _constants(requantisation.add[own], "<i4"),
            _constants(requantisation.shift[own], "u1"),
            _constants(requantisation.pre[own], "u1"),
            _constants(requantisation.sign[own], "i1"),
            np.array([advance], "<i4").tobytes(),
        ]
    return np.frombuffer(b"".join(chunks), "<u4")


def gemm(weights: NDArray[np.int8], acc: Accumulators, requantisation: FixedPoint) -> Struct:
    """struct mlbench_tuned_gemm for `weights` [channel, k]."""
    channels, k = weights.shape
    return Struct(
        "struct mlbench_tuned_gemm",
        {
            "stream": Array("uint32_t", stream(weights, acc, requantisation), name="stream"),
            "weight_bytes": GROUP * padded(k),
            "pitch": max(channels, GROUP),
            "range": requantisation.limit,
            "low": requantisation.low,
            "is_signed": int(requantisation.is_signed),
        },
    )


def _constants(values: NDArray[np.int64], dtype: str) -> bytes:
    full = np.zeros(GROUP, dtype)
    full[: len(values)] = values
    return full.tobytes()
