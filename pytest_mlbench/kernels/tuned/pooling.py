"""The call of the pooling kernels, on whichever unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import Behind, KernelCall, Struct, TensorRef
from pytest_mlbench.kernels.overlap import distance, walk
from pytest_mlbench.kernels.tuned.geometry import HEADER

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_mlbench.models.operators.layers import Pool2D


def average_call(layer: Pool2D, kernel: str, sources: tuple[Path, ...]) -> KernelCall:
    """The call of a kernel that takes struct mlbench_tuned_average_pool2d."""
    batches, input_h, input_w, channels = layer.input_shape
    _, output_h, output_w, _ = layer.output_shape
    return KernelCall(
        kernel=kernel,
        library="tuned",
        function=f"mlbench_tuned_{kernel}",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_average_pool2d",
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
        behind=(Behind(distance(walk(layer))),),
    )
