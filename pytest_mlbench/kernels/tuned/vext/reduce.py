"""MAX_POOL_2D and MEAN for V 1.0: vector_max_pool2d.c, vector_reduce.S."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_mlbench.kernels.tuned.geometry import beside
from pytest_mlbench.kernels.tuned.pooling import mean_call, pool_call

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Mean, Pool2D

SOURCES = beside(__file__, "vector_reduce.S", "portable_arithmetic.c", "vector_max_pool2d.c")


def lower_vector_max_pool2d(layer: Pool2D, _context: LowerContext) -> KernelCall:
    """The call for a MAX_POOL_2D with any window."""
    return pool_call(layer, "vector_max_pool2d", SOURCES)


def lower_vector_mean(layer: Mean, _context: LowerContext) -> KernelCall | None:
    """The call for `layer`.

    None unless the reduced axes are adjacent and followed by a kept one, and for factors >= 1.
    """
    if not -31 <= layer.shift <= 0:
        return None
    call = mean_call(layer, "vector_mean", SOURCES[:2])
    return call and replace(call, behind=())
