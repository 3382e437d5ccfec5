"""Calls of mean.c and extreme.c."""

from __future__ import annotations

from pytest_mlbench.kernels.interface import Struct
from pytest_mlbench.models.operators import layers
from pytest_mlbench.models.operators.reduction import ArgExtreme, Extreme

from .kernel import braces, kernel
from .strides import MAX_DIMS, kept_and_reduced, padded


def mean(layer: layers.Mean) -> Struct:
    """`struct mlbench_mean`."""
    kept, reduced = kept_and_reduced(layer.input_shape, layer.axes)
    half = MAX_DIMS // 2
    return Struct(
        "struct mlbench_mean",
        {
            "kept": braces(padded(kept, (1, 0), half)),
            "reduced": braces(padded(reduced, (1, 0), half)),
            "input_offset": layer.input_offset,
            "multiplier": layer.multiplier,
            "shift": layer.shift,
            "output_offset": layer.output_offset,
        },
    )


def extreme(layer: Extreme) -> Struct:
    """`struct mlbench_extreme`."""
    kept, reduced = kept_and_reduced(layer.input_shape, layer.axes)
    half = MAX_DIMS // 2
    return Struct(
        "struct mlbench_extreme",
        {
            "kept": braces(padded(kept, (1, 0), half)),
            "reduced": braces(padded(reduced, (1, 0), half)),
            "sign": layer.sign,
        },
    )


HEADER = "mlbench_reductions.h"

KERNELS = (
    kernel(layers.Mean, "mean", params=mean),
    kernel(Extreme, "extreme", params=extreme, header=HEADER),
    kernel(ArgExtreme, "arg_extreme", "extreme.c", header=HEADER),
)
