"""The calls of pooling and averaging kernels, shared by all features."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import KernelCall, Overlap, Struct, TensorRef
from pytest_mlbench.kernels.overlap import distance, walk

from .geometry import HEADER

if TYPE_CHECKING:
    from pathlib import Path

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


def blocks_of_a_row(width: int, channels: int) -> int:
    """Into how many equal blocks of whole windows a row of outputs is divided, for at most 128
    outputs each; 0 if one window has more."""
    fitting = [count for count in range(1, 128 // channels + 1) if width % count == 0]
    return width // fitting[-1] if fitting else 0


def blocks_per_branch(blocks: int, rows: int) -> int:
    """How many blocks vector_max_pool2d_2x2_blocks.S takes before it branches: 4, 2 or 1."""
    if blocks % 4 == 0 or (blocks == 2 and rows % 2 == 0):
        return 4
    return 2 if blocks % 2 == 0 else 1


def mean_call(layer: Mean, kernel: str, sources: tuple[Path, ...]) -> KernelCall | None:
    """The call of a kernel that takes struct mlbench_tuned_mean.

    None unless the reduced axes are adjacent and followed by at least four kept values.
    """
    shape = mean_rows(layer)
    if shape is None:
        return None
    outer, rows, channels = shape
    return KernelCall(
        kernel=kernel,
        library="tuned",
        function=f"mlbench_tuned_{kernel}",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_mean",
                {
                    "outer": outer,
                    "rows": rows,
                    "channels": channels,
                    "offset": rows * layer.input_offset,
                    "multiplier": layer.multiplier,
                    "shift": layer.shift,
                    "output_offset": layer.output_offset,
                },
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
        ),
        sources=sources,
        overlaps=(Overlap(0),),
    )


def mean_rows(layer: Mean) -> tuple[int, int, int] | None:
    """(outer, rows, channels) of a MEAN over rows; None unless the reduced axes are adjacent and
    followed by at least four kept values."""
    axes = [axis for axis in layer.axes if layer.input_shape[axis] > 1]
    if not axes or axes != list(range(axes[0], axes[-1] + 1)):
        return None
    channels = math.prod(layer.input_shape[axes[-1] + 1 :])
    if channels < 4:
        return None
    rows = math.prod(layer.input_shape[axes[0] : axes[-1] + 1])
    return math.prod(layer.input_shape[: axes[0]]), rows, channels
