"""DEPTHWISE_CONV_2D: depthwise_3x3.S."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import (
    ALIGNMENT,
    Array,
    KernelCall,
    Null,
    Overlap,
    Scratch,
    Struct,
    TensorRef,
)
from pytest_mlbench.kernels.overlap import distance, walk
from pytest_mlbench.kernels.tuned.geometry import HEADER, beside, edges_3x3
from pytest_mlbench.kernels.tuned.requantise.fixed_point import accumulators, fixed_point
from pytest_mlbench.kernels.tuned.requantise.staircase import staircases

from .depthwise_plane import lower_plane

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import LowerContext
    from pytest_mlbench.kernels.tuned.requantise.staircase import Staircase
    from pytest_mlbench.models.operators.layers import DepthwiseConv2D

SOURCES = beside(__file__, "depthwise.c", "depthwise_3x3.S", "portable_integer.c")
"""The source files for any filter, then for 3x3."""

FEW_CHANNELS = 4
"""With fewer, a buffer for all outputs of a channel does not pay off."""


def lower_depthwise(layer: DepthwiseConv2D, _context: LowerContext) -> KernelCall | None:
    """The call for `layer`: the 3x3 kernel, the plane kernel, or the kernel for any filter.

    None if 32 bits do not suffice.
    """
    return _lower_3x3(layer) or lower_plane(layer) or _lower_any(layer)


def _lower_any(layer: DepthwiseConv2D) -> KernelCall | None:
    batches, input_h, input_w, input_c = layer.input_shape
    _, output_h, output_w, channels = layer.output_shape
    _, filter_h, filter_w, _ = layer.weights.shape
    acc = accumulators(
        np.ascontiguousarray(layer.weights.reshape(-1, channels).T), layer.bias, layer.input_offset
    )
    found = fixed_point(acc, layer) if acc else None
    if found is None:
        return None
    bias = np.zeros(channels, np.int64) if layer.bias is None else layer.bias.reshape(-1)
    rows = [bias, found.multiplier, found.offset, found.sign, found.left_shift, found.shift]
    constants = np.stack(rows, axis=1).astype(np.int32)
    return KernelCall(
        kernel="depthwise",
        library="tuned",
        function="mlbench_tuned_depthwise",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_depthwise",
                {
                    "weights": Array("int8_t", layer.weights.reshape(-1), name="weights"),
                    "constants": Array("int32_t", constants, name="constants"),
                    "images": batches,
                    "input_h": input_h,
                    "input_w": input_w,
                    "input_c": input_c,
                    "output_h": output_h,
                    "output_w": output_w,
                    "filter_h": filter_h,
                    "filter_w": filter_w,
                    "stride_h": layer.stride[0],
                    "stride_w": layer.stride[1],
                    "dilation_h": layer.dilation[0],
                    "dilation_w": layer.dilation[1],
                    "padding_h": layer.padding[0],
                    "padding_w": layer.padding[1],
                    "depth_multiplier": layer.depth_multiplier,
                    "input_offset": layer.input_offset,
                    "range": found.limit,
                    "low": found.low,
                },
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
        ),
        sources=SOURCES[:1],
        overlaps=(Overlap(distance(walk(layer))),),
    )


def _lower_3x3(layer: DepthwiseConv2D) -> KernelCall | None:
    batches, _, input_w, channels = layer.input_shape
    _, output_h, output_w, _ = layer.output_shape
    stride = layer.stride[0]
    edges = edges_3x3(layer)
    if edges is None or batches != 1:
        return None
    top, left, bottom, right = edges
    if output_w == 1 and left == right == 1:
        return None
    if stride == 2 and output_h == 1 and top == bottom == 1:
        return None
    weights = np.ascontiguousarray(layer.weights.reshape(9, channels).T)
    acc = accumulators(weights, layer.bias, layer.input_offset)
    found = staircases(acc, layer) if acc else None
    if found is None:
        return None
    kept, overlap = _kept(layer)
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
                    "kept": kept,
                    "rows": output_h,
                },
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
            Scratch() if kept else Null(),
        ),
        sources=SOURCES[1:],
        defines=(f"MLBENCH_TUNED_CHANNELS={channels}",),
        scratch=kept * output_h,
        overlaps=(overlap,) if overlap else (),
    )


def _kept(layer: DepthwiseConv2D) -> tuple[int, Overlap | None]:
    """How many columns of outputs the 3x3 kernel keeps, and where its output may then lie."""
    _, _, input_w, channels = layer.input_shape
    _, _, output_w, _ = layer.output_shape
    # The channels of a pixel that is written must be the same ones of a pixel that was read.
    shift = math.lcm(channels, ALIGNMENT)
    if layer.stride == (1, 1) and input_w == output_w and shift < output_w * channels:
        return shift // channels, Overlap(shift, exact=True)
    if channels >= FEW_CHANNELS:
        return output_w, Overlap(0, exact=True)
    return 0, None


def _constants(weights: np.ndarray, found: tuple[Staircase, ...]) -> np.ndarray:
    rows = [
        struct.pack(
            "<9bBBxii",
            *(0 if line.silent else int(w) for w in weights[c]),
            line.scale,
            line.shift,
            line.start,
            line.multiplier,
        )
        for c, line in enumerate(found)
    ]
    return np.frombuffer(b"".join(rows), "<u4")
