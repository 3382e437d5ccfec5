"""DEPTHWISE_CONV_2D of any filter, stride, dilation and depth multiplier: depthwise_plane.c."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Scratch, Struct, TensorRef
from pytest_mlbench.kernels.tuned.geometry import HEADER, MOST_SCRATCH, beside
from pytest_mlbench.kernels.tuned.requantise.fixed_point import accumulators, fixed_point

if TYPE_CHECKING:
    from pytest_mlbench.models.operators.layers import DepthwiseConv2D

SOURCES = beside(__file__, "depthwise_plane.c")

WIDE, NARROW = 8, 4
"""Outputs of a row computed at once."""

MOST_ROW = (1 << 15) - 1
"""Limit on offsets in a row, which have 16 bits."""


@dataclass(frozen=True)
class Plane:
    """One channel's padded image, with columns grouped by phase (see depthwise_plane.c)."""

    height: int
    phases: int
    phase_w: int
    offsets: tuple[int, ...]

    @property
    def row(self) -> int:
        return self.phases * self.phase_w

    @property
    def bytes(self) -> int:
        return self.height * self.row


def plane(layer: DepthwiseConv2D) -> Plane:
    """The plane of `layer`, with the outputs of a row rounded up to whole tiles."""
    _, output_h, output_w, _ = layer.output_shape
    _, filter_h, filter_w, _ = layer.weights.shape
    stride_h, phases = layer.stride
    starts = [kx * layer.dilation[1] for kx in range(filter_w)]
    rest = output_w % WIDE
    computed = output_w - rest + (0 if rest == 0 else NARROW if rest <= NARROW else WIDE)
    phase_w = computed + max(start // phases for start in starts)
    return Plane(
        height=(output_h - 1) * stride_h + (filter_h - 1) * layer.dilation[0] + 1,
        phases=phases,
        phase_w=phase_w,
        offsets=tuple(start % phases * phase_w + start // phases for start in starts),
    )


def lower_plane(layer: DepthwiseConv2D) -> KernelCall | None:
    """The call for `layer`; None if 32 bits do not suffice or the plane is too large."""
    batches, input_h, input_w, input_c = layer.input_shape
    _, output_h, output_w, channels = layer.output_shape
    _, filter_h, filter_w, _ = layer.weights.shape
    own = plane(layer)
    weights = np.ascontiguousarray(layer.weights.reshape(-1, channels).T)
    acc = accumulators(weights, layer.bias, layer.input_offset)
    found = fixed_point(acc, layer) if acc else None
    if acc is None or found is None or own.bytes > MOST_SCRATCH or own.row > MOST_ROW:
        return None
    # A channel with a single output value needs no sum, which might overflow 32 bits.
    dead = found.multiplier == 0
    bias = np.where(dead, 0, acc.bias)
    weights = np.where(dead[:, None], 0, weights).astype(np.int8)
    rows = [bias, found.multiplier, found.offset, found.sign, found.left_shift, found.shift]
    constants = np.stack(rows, axis=1).astype(np.int32)
    same = layer.depth_multiplier == 1 and output_h * output_w <= input_h * input_w
    return KernelCall(
        kernel="depthwise_plane",
        library="tuned",
        function="mlbench_tuned_depthwise_plane",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_depthwise_plane",
                {
                    "weights": Array("int8_t", weights, name="weights"),
                    "constants": Array("int32_t", constants, name="constants"),
                    "offsets": Array("int16_t", np.array(own.offsets, np.int16), name="offsets"),
                    "images": batches,
                    "input_h": input_h,
                    "input_w": input_w,
                    "input_c": input_c,
                    "output_h": output_h,
                    "output_w": output_w,
                    "output_c": channels,
                    "filter_h": filter_h,
                    "filter_w": filter_w,
                    "stride_h": layer.stride[0],
                    "stride_w": layer.stride[1],
                    "padding_h": layer.padding[0],
                    "padding_w": layer.padding[1],
                    "depth_multiplier": layer.depth_multiplier,
                    "zero_point": -layer.input_offset,
                    "plane_h": own.height,
                    "plane_row": own.row,
                    "phase_w": own.phase_w,
                    "tap_row": layer.dilation[0] * own.row,
                    "neighbours": int(layer.stride[1] == layer.dilation[1] == 1),
                    "range": found.limit,
                    "low": found.low,
                },
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
            Scratch(),
        ),
        sources=SOURCES,
        scratch=own.bytes,
        in_place=((0, 0),) if same else (),
    )
