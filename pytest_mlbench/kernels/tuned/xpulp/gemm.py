"""The constants of xpulp_gemm.S: four weights of a channel to a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, Struct
from pytest_mlbench.kernels.tuned.geometry import GROUP, padded
from pytest_mlbench.kernels.tuned.integer.gemm import high_products, of_group, stream
from pytest_mlbench.kernels.tuned.requantise.fixed_point import fixed_point
from pytest_mlbench.kernels.tuned.requantise.two_products import lines_alike

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from pytest_mlbench.kernels.tuned.requantise.fixed_point import Accumulators, FixedPoint
    from pytest_mlbench.kernels.tuned.requantise.two_products import Line

    Requantisation = FixedPoint | tuple[Line, ...]

TILE = 4

HIGH = "MLBENCH_TUNED_XPULP_HIGH"
"""Defined where some layer of a model requantises by the upper half of a product."""

BENT = "MLBENCH_TUNED_XPULP_BENT"
"""Defined where some layer of a model requantises by bent lines."""

BENT_BITS = -32
"""Added to the bits of bent lines."""


def by_words(group: NDArray[np.int8]) -> NDArray[np.int8]:
    """The weights [channel, k] of one group: word by word, a word of each of the four channels."""
    return group.reshape(GROUP, -1, 4).transpose(1, 0, 2)


def requantisation(acc: Accumulators, layer: Any) -> Requantisation | None:
    """Two small products where they are exact for all channels, straight or else bent, else the
    upper half of one; None where 32 bits do not suffice for that either."""
    return lines_alike(acc, layer) or lines_alike(acc, layer, bent=True) or fixed_point(acc, layer)


def suffix(found: Requantisation) -> str:
    """What the kernel's name says of the requantisation."""
    if isinstance(found, tuple):
        return "_bent" if _is_bent(found) else ""
    return "_high_signed" if found.is_signed else "_high"


def defines(found: Requantisation) -> tuple[str, ...]:
    """What the requantisation needs of xpulp_gemm.S."""
    if isinstance(found, tuple):
        return (BENT,) if _is_bent(found) else ()
    return (HIGH,)


def _is_bent(lines: tuple[Line, ...]) -> bool:
    return any(line.below for line in lines)


def gemm(weights: NDArray[np.int8], acc: Accumulators, layer: Any, found: Requantisation) -> Struct:
    """struct mlbench_tuned_gemm for `weights` [channel, k]; see xpulp_gemm.S for the stream."""
    channels, k = weights.shape
    if isinstance(found, tuple):
        bits, is_signed = found[0].bits + BENT_BITS * _is_bent(found), False
        data = stream(weights, _values(found, "start"), _two_products(found), by_words)
    else:
        bits, is_signed = 0, found.is_signed
        data = stream(weights, acc.bias, high_products(found), by_words)
    words = np.frombuffer(np.array([bits], "<i4").tobytes() + data, "<u4")
    return Struct(
        "struct mlbench_tuned_gemm",
        {
            "stream": Array("uint32_t", words, name="stream"),
            "weight_bytes": GROUP * padded(k),
            "pitch": max(channels, GROUP),
            "range": layer.activation_max - layer.activation_min,
            "low": layer.activation_min,
            "is_signed": int(is_signed),
        },
    )


def _values(lines: tuple[Line, ...], name: str) -> NDArray[np.int64]:
    return np.array([getattr(line, name) for line in lines], np.int64)


def _two_products(lines: tuple[Line, ...]) -> Any:
    most, upper = _values(lines, "most"), _values(lines, "upper")
    offset, lower = _values(lines, "offset"), _values(lines, "lower")

    bend, below, is_bent = _values(lines, "bend"), _values(lines, "below"), _is_bent(lines)

    def constants(own: slice) -> bytes:
        straight = (
            of_group(most[own], "<i4")
            + of_group(upper[own], "<i4")
            + of_group(offset[own], "<i4")
            + of_group(lower[own], "<u2")
        )
        bent = of_group(bend[own], "<i4") + of_group(below[own], "<i4")
        return straight + bent if is_bent else straight

    return constants
