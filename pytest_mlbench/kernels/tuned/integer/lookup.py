"""Functions of one stored value as a table of 256 bytes: lookup.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Struct, TensorRef
from pytest_mlbench.kernels.tuned.geometry import HEADER, beside
from pytest_mlbench.kernels.tuned.requantise.fixed_point import exactly

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from pytest_mlbench.kernels.interface import LowerContext
    from pytest_mlbench.models.operators.layers import Lookup, Rescale

SOURCES = beside(__file__, "lookup.c")

MOST_LEFT = 20


def lower_lookup(layer: Lookup, _context: LowerContext) -> KernelCall:
    """The call for a layer that is a table."""
    return lookup_call(layer, layer.table.view(np.uint8), "lookup", SOURCES)


def lower_rescale(layer: Rescale, _context: LowerContext) -> KernelCall | None:
    """The call for RELU, RELU6 and QUANTIZE between 8-bit integers, as a table; None for a left
    shift that could leave 32 bits."""
    if layer.shift > MOST_LEFT:
        return None
    return lookup_call(layer, rescaled(layer), "lookup", SOURCES)


def rescaled(layer: Rescale) -> NDArray[np.uint8]:
    """The output's bits by the input's bits."""
    bits = np.arange(256, dtype=np.uint8)
    stored = bits.view(np.int8) if layer.input_dtype == "int8" else bits
    values = [
        exactly(int(value) + layer.input_offset, layer.multiplier, layer.shift)
        + layer.output_offset
        for value in stored
    ]
    bounded = np.clip(values, layer.activation_min, layer.activation_max)
    return bounded.astype(layer.output_dtype).view(np.uint8)


def lookup_call(
    layer: Lookup | Rescale, table: NDArray[np.uint8], kernel: str, sources: tuple[Path, ...]
) -> KernelCall:
    """The call of a kernel that takes struct mlbench_tuned_lookup."""
    return KernelCall(
        kernel=kernel,
        library="tuned",
        function=f"mlbench_tuned_{kernel}",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_lookup",
                {"table": Array("uint8_t", table, name="table"), "count": layer.count},
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
        ),
        sources=sources,
        in_place=((0, 0),),
    )
