"""AVERAGE_POOL_2D: average_pool2d.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.kernels.tuned.geometry import beside
from pytest_mlbench.kernels.tuned.pooling import average_call

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Pool2D

SOURCES = beside(__file__, "average_pool2d.c")


def lower_average_pool2d(layer: Pool2D, _context: LowerContext) -> KernelCall | None:
    """The call for an AVERAGE_POOL_2D of whole words of channels and at most 256 values."""
    if layer.input_shape[3] % 4 or layer.filter[0] * layer.filter[1] > 256:
        return None
    return average_call(layer, "average_pool2d", SOURCES)
