"""ADD by CORE-V instructions: xpulp_add.S."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.kernels.tuned.geometry import beside
from pytest_mlbench.kernels.tuned.integer.add import add_line_call

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Elementwise

SOURCES = beside(__file__, "xpulp_add.S", "portable_xpulp.c")


def lower_xpulp_add(layer: Elementwise, _context: LowerContext) -> KernelCall | None:
    """The call for an ADD of two activations of one shape; None unless it is linear."""
    return add_line_call(layer, "xpulp_add", SOURCES)
