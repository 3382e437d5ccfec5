"""Layers that are a function of one stored value, as tables of 256 bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Struct, TensorRef
from pytest_mlbench.models.operators.activation import LeakyRelu
from pytest_mlbench.models.operators.layers import Lookup, Rescale

from .geometry import HEADER
from .requantise.fixed_point import exactly

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

MOST_LEFT = 20
"""A larger left shift of a difference of stored values could overflow 32 bits."""


def rescaled(layer: Rescale) -> NDArray[np.uint8] | None:
    """The output's bits by the input's bits; None where 32 bits do not suffice."""
    if layer.shift > MOST_LEFT:
        return None
    bits = np.arange(256, dtype=np.uint8)
    stored = (bits.view(np.int8) if layer.input_dtype == "int8" else bits).astype(np.int64)
    values = exactly(stored + layer.input_offset, layer.multiplier, layer.shift)
    bounded = np.clip(values + layer.output_offset, layer.activation_min, layer.activation_max)
    return bounded.astype(layer.output_dtype).view(np.uint8)


def leaky(layer: LeakyRelu) -> NDArray[np.uint8] | None:
    """The output's bits by the input's bits; None where 32 bits do not suffice."""
    if max(layer.shift, layer.alpha_shift) > MOST_LEFT:
        return None
    stored = np.arange(256, dtype=np.uint8).view(np.int8).astype(np.int64)
    inputs = stored + layer.input_offset
    below = exactly(inputs, layer.alpha_multiplier, layer.alpha_shift)
    others = exactly(inputs, layer.multiplier, layer.shift)
    values: NDArray[np.int64] = np.where(inputs < 0, below, others) + layer.output_offset
    return values.clip(-128, 127).astype(np.int8).view(np.uint8)


def table_of(layer: Lookup | Rescale | LeakyRelu) -> NDArray[np.uint8] | None:
    """The table of a layer; None if 32 bits do not suffice."""
    if isinstance(layer, Lookup):
        return layer.table.view(np.uint8)
    return leaky(layer) if isinstance(layer, LeakyRelu) else rescaled(layer)


def lookup_call(
    layer: Lookup | Rescale | LeakyRelu, kernel: str, sources: tuple[Path, ...]
) -> KernelCall | None:
    """The call of a kernel that takes struct mlbench_tuned_lookup; None without a table."""
    table = table_of(layer)
    if table is None:
        return None
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
