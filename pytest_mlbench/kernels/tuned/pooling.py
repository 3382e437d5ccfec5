"""The calls of pooling and averaging kernels, shared by all features."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import KernelCall, Overlap, Struct, TensorRef
from pytest_mlbench.kernels.overlap import distance, walk

from .geometry import HEADER

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_mlbench.kernels.interface import Argument
    from pytest_mlbench.models.operators.layers import Mean, Pool2D


def pool_call(layer: Pool2D, kernel: str, sources: tuple[Path, ...]) -> KernelCall:
    """The call of a kernel that takes struct mlbench_tuned_pool2d."""
    batches, input_h, input_w, channels = layer.input_shape
    _, output_h, output_w, _ = layer.output_shape
    return KernelCall(
        kernel=kernel,
        library="tuned",
        function=f"mlbench_tuned_{kernel}",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_pool2d",
                {
                    "batches": batches,
                    "input_h": input_h,
                    "input_w": input_w,
                    "channels": channels,
                    "output_h": output_h,
                    "output_w": output_w,
                    "filter_h": layer.filter[0],
                    "filter_w": layer.filter[1],
                    "stride_h": layer.stride[0],
                    "stride_w": layer.stride[1],
                    "padding_h": layer.padding[0],
                    "padding_w": layer.padding[1],
                    "low": layer.activation_min,
                    "high": layer.activation_max,
                },
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
        ),
        sources=sources,
        overlaps=(Overlap(distance(walk(layer))),),
    )


def mean_call(layer: Mean, kernel: str, sources: tuple[Path, ...]) -> KernelCall | None:
    """The call of a kernel that takes struct mlbench_tuned_mean.

    None unless the reduced axes are adjacent and followed by at least four kept values.
    """
    fields = _mean_fields(layer)
    if fields is None:
        return None
    return KernelCall(
        kernel=kernel,
        library="tuned",
        function=f"mlbench_tuned_{kernel}",
        header=HEADER,
        arguments=(
            Struct("struct mlbench_tuned_mean", fields),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
        ),
        sources=sources,
        overlaps=(Overlap(0),),
    )


def _mean_fields(layer: Mean) -> dict[str, Argument] | None:
    """struct mlbench_tuned_mean: [outer, rows, channels], the mean over rows."""
    axes = [axis for axis in layer.axes if layer.input_shape[axis] > 1]
    if not axes or axes != list(range(axes[0], axes[-1] + 1)):
        return None
    rows = math.prod(layer.input_shape[axes[0] : axes[-1] + 1])
    channels = math.prod(layer.input_shape[axes[-1] + 1 :])
    if channels < 4:
        return None
    return {
        "outer": math.prod(layer.input_shape[: axes[0]]),
        "rows": rows,
        "channels": channels,
        "offset": rows * layer.input_offset,
        "multiplier": layer.multiplier,
        "shift": layer.shift,
        "output_offset": layer.output_offset,
    }
