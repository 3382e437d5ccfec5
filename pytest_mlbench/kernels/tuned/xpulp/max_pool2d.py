"""MAX_POOL_2D by CORE-V SIMD: xpulp_max_pool2d.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.kernels.tuned.geometry import beside
from pytest_mlbench.kernels.tuned.pooling import pool_call

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Pool2D

SOURCES = beside(__file__, "xpulp_max_pool2d.c")


def lower_xpulp_max_pool2d(layer: Pool2D, _context: LowerContext) -> KernelCall | None:
    """The call for a MAX_POOL_2D with any window, if the channels are whole words."""
    if layer.input_shape[3] % 4:
        return None
    return pool_call(layer, "xpulp_max_pool2d", SOURCES)
