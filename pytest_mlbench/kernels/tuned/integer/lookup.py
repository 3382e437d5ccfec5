"""Functions of one stored value as a table of 256 bytes: lookup.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.tuned.geometry import beside
from pytest_mlbench.kernels.tuned.tables import lookup_call, rescaled

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Lookup, Rescale

SOURCES = beside(__file__, "lookup.c")


def lower_lookup(layer: Lookup, _context: LowerContext) -> KernelCall:
    """The call for a layer that is a table."""
    return lookup_call(layer, layer.table.view(np.uint8), "lookup", SOURCES)


def lower_rescale(layer: Rescale, _context: LowerContext) -> KernelCall | None:
    """The call for RELU, RELU6 and QUANTIZE between 8-bit integers, as a table; None for a left
    shift that could leave 32 bits."""
    table = rescaled(layer)
    return None if table is None else lookup_call(layer, table, "lookup", SOURCES)
