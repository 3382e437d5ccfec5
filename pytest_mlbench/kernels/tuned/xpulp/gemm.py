"""The constants of xpulp_gemm.S: gemm_5x4.S's stream, four weights of a channel to a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.kernels.tuned.geometry import GROUP
from pytest_mlbench.kernels.tuned.integer import gemm as integer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlbench.kernels.interface import Struct
    from pytest_mlbench.kernels.tuned.requantise.fixed_point import Accumulators, FixedPoint

TILE = 4


def by_words(group: NDArray[np.int8]) -> NDArray[np.int8]:
    """The weights [channel, k] of one group: word by word, a word of each of the four channels."""
    return group.reshape(GROUP, -1, 4).transpose(1, 0, 2)


def gemm(weights: NDArray[np.int8], acc: Accumulators, requantisation: FixedPoint) -> Struct:
    """struct mlbench_tuned_gemm for `weights` [channel, k]."""
    return integer.gemm(weights, acc, requantisation, by_words)
