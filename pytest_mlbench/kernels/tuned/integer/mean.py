"""MEAN over dimensions before the innermost one: mean.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.kernels.tuned.geometry import beside
from pytest_mlbench.kernels.tuned.pooling import mean_call

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Mean

SOURCES = beside(__file__, "mean.c")


def lower_mean(layer: Mean, _context: LowerContext) -> KernelCall | None:
    """The call for `layer`; None unless reduced axes are adjacent and followed by a kept one."""
    return mean_call(layer, "mean", SOURCES)
