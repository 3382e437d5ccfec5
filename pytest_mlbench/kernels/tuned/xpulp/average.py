"""AVERAGE_POOL_2D and MEAN by CORE-V SIMD: xpulp_average.c, xpulp_average.S."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import KernelCall, Overlap, Struct, TensorRef
from pytest_mlbench.kernels.tuned.geometry import HEADER, beside
from pytest_mlbench.kernels.tuned.pooling import mean_rows, pool_call
from pytest_mlbench.kernels.tuned.requantise.fixed_point import WORD, Accumulators
from pytest_mlbench.kernels.tuned.requantise.two_products import lines_alike

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.kernels.interface import LowerContext
    from pytest_mlbench.models.operators.layers import Mean, Pool2D

SOURCES = beside(__file__, "xpulp_average.c", "xpulp_average.S", "portable_average.c")

MOST_VALUES = 256
"""The most values in a window whose division by one product is exact: see xpulp_average.S."""


def lower_xpulp_average_pool2d(layer: Pool2D, _context: LowerContext) -> KernelCall | None:
    """The call for an AVERAGE_POOL_2D whose channels are whole words, with at most 256 values in a
    window."""
    if layer.input_shape[3] % 4 or layer.filter[0] * layer.filter[1] > MOST_VALUES:
        return None
    return pool_call(layer, "xpulp_average_pool2d", SOURCES)


@dataclass(frozen=True, eq=False)
class _Scaling:
    """How a sum becomes an output: see requantise/two_products.py."""

    multipliers: NDArray[np.int64]
    shifts: NDArray[np.int64]
    output_offset: int
    activation_min: int = -128
    activation_max: int = 127


def lower_xpulp_mean(layer: Mean, _context: LowerContext) -> KernelCall | None:
    """The call for a MEAN over adjacent axes before whole words of kept values; None for another,
    and where two products are not exact."""
    shape = mean_rows(layer)
    if shape is None or shape[2] % 4:
        return None
    outer, rows, channels = shape
    if 256 * rows >= WORD:
        return None
    line = lines_alike(
        Accumulators(
            np.array([rows * layer.input_offset]),
            np.array([rows * (layer.input_offset - 128)]),
            np.array([rows * (layer.input_offset + 127)]),
        ),
        _Scaling(np.array([layer.multiplier]), np.array([layer.shift]), layer.output_offset),
        bent=True,
    )
    if line is None:
        return None
    return KernelCall(
        kernel="xpulp_mean",
        library="tuned",
        function="mlbench_tuned_xpulp_mean",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_xpulp_mean",
                {
                    "outer": outer,
                    "rows": rows,
                    "channels": channels,
                    "start": line[0].start,
                    "most": line[0].most,
                    "upper": line[0].upper,
                    "lower": line[0].lower,
                    "offset": line[0].offset,
                    "bits": line[0].bits,
                    "bend": line[0].bend,
                    "below": line[0].below,
                },
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
        ),
        sources=SOURCES,
        overlaps=(Overlap(0),),
    )
