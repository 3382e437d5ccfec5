"""AVERAGE_POOL_2D: average_pool2d.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.kernels.tuned.geometry import beside
from pytest_mlbench.kernels.tuned.pooling import pool_call

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Pool2D

SOURCES = beside(__file__, "average_pool2d.c", "average_pool2d_any.c")

MOST_VALUES = 256
"""The most values in a window whose sum fits half a word."""


def lower_average_pool2d(layer: Pool2D, _context: LowerContext) -> KernelCall:
    """The call for an AVERAGE_POOL_2D: by words if pixels are whole words and windows have at most
    256 values."""
    if layer.input_shape[3] % 4 or layer.filter[0] * layer.filter[1] > MOST_VALUES:
        return pool_call(layer, "average_pool2d_any", SOURCES[1:])
    return pool_call(layer, "average_pool2d", SOURCES[:1])
