"""The call of mean.c."""

from __future__ import annotations

from pytest_mlbench.kernels.interface import Struct
from pytest_mlbench.models.operators import layers

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


KERNELS = (kernel(layers.Mean, "mean", params=mean),)
