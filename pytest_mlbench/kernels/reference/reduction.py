"""Calls of mean.c and extreme.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import Struct
from pytest_mlbench.models.operators import layers
from pytest_mlbench.models.operators.reduction import ArgExtreme, Extreme

from .kernel import braces, kernel
from .strides import MAX_DIMS, kept_and_reduced, padded

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import Argument
    from pytest_mlbench.models.operators.extremes import AnyExtreme
    from pytest_mlbench.models.operators.reduction32 import Sum32


def loops(layer: layers.Mean | AnyExtreme | Sum32) -> dict[str, Argument]:
    """The loops over what is kept and what is reduced, as fields of a struct."""
    kept, reduced = kept_and_reduced(layer.input_shape, layer.axes)
    half = MAX_DIMS // 2
    return {
        "kept": braces(padded(kept, (1, 0), half)),
        "reduced": braces(padded(reduced, (1, 0), half)),
    }


def mean(layer: layers.Mean) -> Struct:
    """`struct mlbench_mean`."""
    return Struct(
        "struct mlbench_mean",
        {
            **loops(layer),
            "input_offset": layer.input_offset,
            "multiplier": layer.multiplier,
            "shift": layer.shift,
            "output_offset": layer.output_offset,
        },
    )


def extreme(layer: AnyExtreme) -> Struct:
    """`struct mlbench_extreme`."""
    return Struct("struct mlbench_extreme", {**loops(layer), "sign": layer.sign})


HEADER = "mlbench_reductions.h"

KERNELS = (
    kernel(layers.Mean, "mean", params=mean),
    kernel(Extreme, "extreme", params=extreme, header=HEADER),
    kernel(ArgExtreme, "arg_extreme", "extreme.c", header=HEADER),
)
