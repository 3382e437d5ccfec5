"""Layers that are a function of one stored value, as tables of 256 bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Struct, TensorRef

from .geometry import HEADER
from .requantise.fixed_point import exactly

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from pytest_mlbench.models.operators.layers import Lookup, Rescale

MOST_LEFT = 20
"""A larger left shift of a difference of stored values could leave 32 bits."""


def rescaled(layer: Rescale) -> NDArray[np.uint8] | None:
    """The output's bits by the input's bits; None where 32 bits do not suffice."""
    if layer.shift > MOST_LEFT:
        return None
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
