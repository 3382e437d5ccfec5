"""Instructions of the matrix products over packed activations: gemm_5x4.S and
gemm_1x4.S.

Counted in the listings, per call: what a function's frame takes, then per group of four channels,
then per tap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .facts import Facts

CLAMPED = 3
"""Instructions of CLAMP (mlbench_tuned_asm.h) besides its branch, for values outside the bounds."""


def share_clamped(is_signed: int) -> float:
    """The expected share of outputs that are clamped.

    Where values below the output's zero point are not wanted (ReLU), that is half of the values;
    else few.
    """
    return 0.05 if is_signed else 0.5


def requantise(is_signed: int) -> float:
    """REQUANTISE_WORD of mlbench_tuned_asm.h."""
    return 5 + 3 * is_signed + CLAMPED * share_clamped(is_signed)


def groups(channels: int) -> int:
    """Groups of four channels; the last one may overlap the one before."""
    return max(-(-channels // 4), 1)


def gemm_5x4(gemm: Facts, channels: int) -> float:
    """One tile of five positions."""
    k, is_signed = gemm["weight_bytes"] // 4, gemm["is_signed"]
    entered = 0 if k % 16 == 0 else 8
    loop = 49 * k + 4 * -(-k // 16)
    outputs = 4 * (4 + is_signed) + 20 * requantise(is_signed)
    return 34 + groups(channels) * (32 + entered + loop + outputs + 53)


def gemm_1x4(gemm: Facts, channels: int) -> float:
    """One position."""
    k, is_signed = gemm["weight_bytes"] // 4, gemm["is_signed"]
    outputs = 4 * (4 + is_signed) + 4 * requantise(is_signed)
    return 15 + groups(channels) * (9 + 13 * k + 3 * (k // 4) + 2 + outputs + 16)
