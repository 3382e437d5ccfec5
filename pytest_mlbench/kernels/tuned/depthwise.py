"""DEPTHWISE_CONV_2D: depthwise_3x3.S."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Struct, TensorRef

from .affine import lines
from .conv2d import HEADER
from .requantise import accumulators

if TYPE_CHECKING:
    from pytest_mlbench.kernels.layers import DepthwiseConv2D

    from .affine import Line


def lower_depthwise(layer: DepthwiseConv2D) -> KernelCall | None:
    """The call for `layer`, or None."""
    return _lower_3x3(layer)


def _lower_3x3(layer: DepthwiseConv2D) -> KernelCall | None:
    batches, input_h, input_w, channels = layer.input_shape
    _, output_h, output_w, _ = layer.output_shape
    stride = layer.stride[0]
    if (
        layer.weights.shape[1:3] != (3, 3)
        or layer.depth_multiplier != 1
        or layer.dilation != (1, 1)
        or layer.stride not in ((1, 1), (2, 2))
        or batches != 1
    ):
        return None
    top, left = layer.padding
    bottom = (output_h - 1) * stride - top + 3 - input_h
    right = (output_w - 1) * stride - left + 3 - input_w
    if max(top, left, bottom, right) > 1 or (output_w == 1 and left == right == 1):
        return None
    if stride == 2 and output_h == 1 and top == bottom == 1:
        return None
    top, left, bottom, right = (int(side > 0) for side in (top, left, bottom, right))
    weights = np.ascontiguousarray(layer.weights.reshape(9, channels).T)
    acc = accumulators(weights, layer.bias, layer.input_offset)
    found = lines(acc, layer) if acc else None
    if found is None:
        return None
    whole = output_h - bottom
    turns, entry = (-(-whole // 3), whole % 3) if stride == 1 else (whole, 0)
    return KernelCall(
        kernel=f"depthwise_3x3_c{channels}",
        library="tuned",
        function="mlbench_tuned_depthwise_3x3" + ("_s2" if stride == 2 else ""),
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_depthwise_3x3",
                {
                    "constants": Array("uint32_t", _constants(weights, found), name="constants"),
                    "channels": channels,
                    "row": input_w * channels,
                    "output_row": output_w * channels,
                    "columns": output_w - left - right,
                    "left": left,
                    "right": right,
                    "top": top,
                    "bottom": bottom,
                    "turns": turns,
                    "entry": entry,
                    "zero_point": -layer.input_offset,
                    "range": layer.activation_max - layer.activation_min,
                    "low": layer.activation_min,
                },
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
        ),
    )


def _constants(weights: np.ndarray, found: tuple[Line, ...]) -> np.ndarray:
    rows = [
        struct.pack(
            "<9bBBxii",
            *(int(w) for w in weights[c]),
            line.scale,
            line.shift,
            line.start,
            line.multiplier,
        )
        for c, line in enumerate(found)
    ]
    return np.frombuffer(b"".join(rows), "<u4")
