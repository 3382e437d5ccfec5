"""AVERAGE_POOL_2D for V 1.0: vector_average_pool2d.c, vector_elementwise.S."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.kernels.tuned.geometry import beside
from pytest_mlbench.kernels.tuned.pooling import pool_call

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Pool2D

SOURCES = beside(__file__, "vector_average_pool2d.c", "vector_elementwise.S", "portable_vector.c")


def lower_vector_average_pool2d(layer: Pool2D, _context: LowerContext) -> KernelCall | None:
    """The call for an AVERAGE_POOL_2D whose window has at most 255 values."""
    if layer.filter[0] * layer.filter[1] > 255:
        return None
    return pool_call(layer, "vector_average_pool2d", SOURCES)
