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
    start: NDArray[np.int64],
    constants: Callable[[slice], bytes],
    order: Order = by_columns,
) -> bytes:
    """Per group of four channels: what the accumulators start with, `weights` [channel, k], the
    `constants` of these channels, bytes to the next group's first output channel or 0.

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
            of_group(start[own], "<i4"),
            np.ascontiguousarray(order(filled[own])).tobytes(),
            constants(own),
            np.array([advance], "<i4").tobytes(),
        ]
    return b"".join(chunks)


def high_products(found: FixedPoint) -> Callable[[slice], bytes]:
    """The constants of a group that requantises by the upper half of a product."""

    def constants(own: slice) -> bytes:
        return (
            of_group(found.multiplier[own], "<i4")
            + of_group(found.offset[own], "<i4")
            + of_group(found.shift[own], "u1")
            + of_group(found.left_shift[own], "u1")
            + of_group(found.sign[own], "i1")
        )

    return constants


def gemm(
    weights: NDArray[np.int8],
    acc: Accumulators,
    requantisation: FixedPoint,
    order: Order = by_columns,
) -> Struct:
    """struct mlbench_tuned_gemm for `weights` [channel, k], a group's in this `order`."""
    channels, k = weights.shape
    data = stream(weights, acc.bias, high_products(requantisation), order)
    return Struct(
        "struct mlbench_tuned_gemm",
        {
            "stream": Array("uint32_t", np.frombuffer(data, "<u4"), name="stream"),
            "weight_bytes": GROUP * padded(k),
            "pitch": max(channels, GROUP),
            "range": requantisation.limit,
            "low": requantisation.low,
            "is_signed": int(requantisation.is_signed),
        },
    )


def of_group(values: NDArray[np.int64], dtype: str) -> bytes:
    """A value for each of the group's channels."""
    full = np.zeros(GROUP, dtype)
    full[: len(values)] = values
    return full.tobytes()
