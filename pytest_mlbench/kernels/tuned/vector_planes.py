"""CONV_2D for V 1.0 with positions as lanes: vector_planes.c, vector_planes.S."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Scratch, Struct, TensorRef

from .conv2d import HEADER, is_pointwise, taps
from .requantise import accumulators
from .vector_common import rounding, vector_length

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.kernels.layers import Conv2D

    from .vector_common import Rounding

GROUPS = {2: (12, 8), 4: (6,), 8: (3,)}
"""LMUL -> how many output channels can be computed at once."""

MOST_ROWS = 16
SCRATCH = 40 << 10


def lower_planes(layer: Conv2D, isa: str) -> KernelCall | None:
    """The call for `layer`, or None: also when lanes of channels take fewer instructions."""
    batches, input_h, input_w, c = layer.input_shape
    channels, filter_h, filter_w, filter_c = layer.weights.shape
    _, output_h, output_w, _ = layer.output_shape
    if filter_c != c or layer.dilation != (1, 1) or filter_h > MOST_ROWS:
        return None
    if is_pointwise(layer):  # one long row
        input_h = output_h = 1
        input_w = output_w = layer.input_shape[0] * layer.input_shape[1] * layer.input_shape[2]
        batches = 1
    lmul = lanes_wanted(output_w, vector_length(isa))
    lanes = vector_length(isa) // 32 * lmul
    group = min(GROUPS[lmul], key=lambda size: _cost(channels, size))
    if not (filter_w == 3 or (filter_w == 1 and c % 4 == 0)) or channels < group:
        return None
    mine = -(-output_w // lanes) * _cost(channels, group)
    if mine >= channel_lanes(output_w, channels, vector_length(isa)):
        return None
    stride_h, stride_w = layer.stride
    width = (output_w - 1) * stride_w + filter_w
    scratch = 2 * filter_h * c * width
    acc = accumulators(taps(layer), layer.bias, layer.input_offset)
    constants = rounding(acc, layer) if acc else None
    if acc is None or constants is None or scratch > SCRATCH:
        return None
    weights, stream = _stream(layer, constants, group)
    return KernelCall(
        kernel=f"vector_planes_g{group}w{filter_w}",
        library="tuned",
        function="mlbench_tuned_vector_conv2d_planes",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_vector_planes_conv2d",
                {
                    "planes": Struct(
                        "struct mlbench_tuned_vector_planes",
                        {
                            "stream": Array("uint32_t", stream, name="stream"),
                            "channels": channels,
                            "runs": filter_h,
                            "planes": c,
                            "pitch": 2 * width,
                            "step": 2 * stride_w,
                            "zero_point": layer.output_offset,
                            "low": layer.activation_min,
                            "high": layer.activation_max,
                            "is_signed": int(constants.is_signed),
                            "weight_bytes": weights,
                        },
                    ),
                    "multiply": f"mlbench_tuned_vector_planes_{group}x{filter_w}",
                    "lanes": lanes,
                    "images": batches,
                    "input_h": input_h,
                    "input_w": input_w,
                    "output_h": output_h,
                    "output_w": output_w,
                    "stride_h": stride_h,
                    "padding_h": layer.padding[0],
                    "padding_w": layer.padding[1],
                    "inside_w": min(input_w, width - layer.padding[1]),
                    "zero_point": -layer.input_offset,
                },
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
            Scratch(),
        ),
        scratch=scratch,
    )


def _cost(channels: int, group: int) -> float:
    """Instructions per k of vector_planes.S for one vector of positions."""
    return -(-channels // group) * (2 * group + 2.7)


def lanes_wanted(positions: int, vlen: int) -> int:
    """The LMUL that holds a row of positions, 8 when none does."""
    return next((lmul for lmul in (2, 4) if vlen // 32 * lmul >= positions), 8)


def channel_lanes(positions: int, channels: int, vlen: int) -> float:
    """Instructions per k of vector_gemm.S for as many positions."""
    lmul = lanes_wanted(channels, vlen)
    tile = 24 // lmul
    passes = -(-channels // (vlen // 32 * lmul))
    return passes * -(-positions // tile) * (2 * tile + lmul / 8 + (tile + 1) / 16)


def _stream(layer: Conv2D, constants: Rounding, group: int) -> tuple[int, NDArray[np.uint32]]:
    """The bytes of a group's weights, and the stream of vector_planes.S."""
    channels = len(layer.weights)
    ordered = layer.weights.transpose(1, 3, 2, 0).reshape(-1, channels)  # ky, plane, kx
    ordered = np.where(constants.silent, 0, ordered).astype(np.int8)
    size = -(-len(ordered) * group // 4) * 4
    chunks = []
    for first in [*range(0, channels - group, group), channels - group]:
        own = slice(first, first + group)
        chunks += [
            np.concatenate([constants.bias[own], constants.multiplier[own], constants.e[own]])
            .astype("<i4")
            .tobytes(),
            np.ascontiguousarray(ordered[:, own]).tobytes().ljust(size, b"\0"),
        ]
    return size, np.frombuffer(b"".join(chunks), "<u4")
