"""Functions of one stored value for V 1.0, as a table of 256 bytes: vector_lookup.S."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.kernels.tuned.geometry import beside
from pytest_mlbench.kernels.tuned.tables import lookup_call

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.activation import LeakyRelu
    from pytest_mlbench.models.operators.layers import Lookup, Rescale

SOURCES = beside(__file__, "vector_lookup.S", "portable_arithmetic.c")


def lower_vector_lookup(
    layer: Lookup | Rescale | LeakyRelu, _context: LowerContext
) -> KernelCall | None:
    """The call for LOGISTIC, TANH and similar functions, RELU, LEAKY_RELU, and QUANTIZE between
    integers; None for a left shift that could overflow 32 bits."""
    return lookup_call(layer, "vector_lookup", SOURCES)
