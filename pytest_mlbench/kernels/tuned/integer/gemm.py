"""The constants of gemm_5x4.S: one stream of bytes in the order in which the kernel reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, Struct
from pytest_mlbench.kernels.tuned.geometry import GROUP, group_starts, padded

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pytest_mlbench.kernels.tuned.requantise.fixed_point import Accumulators, FixedPoint

    Order = Callable[[NDArray[np.int8]], NDArray[np.int8]]

TILE = 5


def by_columns(group: NDArray[np.int8]) -> NDArray[np.int8]:
    """The weights [channel, k] of one group as gemm_5x4.S reads them: of each k four channels."""
    return group.T


def stream(
    weights: NDArray[np.int8],
    acc: Accumulators,
    requantisation: FixedPoint,
    order: Order = by_columns,
) -> NDArray[np.uint32]:
    """`weights` [channel, k] and their constants, per group of four channels: see gemm_5x4.S.

    `order` puts the weights of a group into the order in which the kernel reads them.
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
        chunks += [
            _constants(acc.bias[own], "<i4"),
            np.ascontiguousarray(order(filled[own])).tobytes(),
            _constants(requantisation.multiplier[own], "<i4"),
            _constants(requantisation.add[own], "<i4"),
            _constants(requantisation.shift[own], "u1"),
            _constants(requantisation.pre[own], "u1"),
            _constants(requantisation.sign[own], "i1"),
            np.array([advance], "<i4").tobytes(),
        ]
    return np.frombuffer(b"".join(chunks), "<u4")


def gemm(
    weights: NDArray[np.int8],
    acc: Accumulators,
    requantisation: FixedPoint,
    order: Order = by_columns,
) -> Struct:
    """struct mlbench_tuned_gemm for `weights` [channel, k], a group's in this `order`."""
    channels, k = weights.shape
    return Struct(
        "struct mlbench_tuned_gemm",
        {
            "stream": Array("uint32_t", stream(weights, acc, requantisation, order), name="stream"),
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
