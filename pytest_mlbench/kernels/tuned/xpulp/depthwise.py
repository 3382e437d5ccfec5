"""DEPTHWISE_CONV_2D 3x3 by CORE-V SIMD: xpulp_depthwise.c, xpulp_depthwise.S."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import (
    Array,
    KernelCall,
    Overlap,
    Scratch,
    Struct,
    TensorRef,
)
from pytest_mlbench.kernels.tuned.geometry import HEADER, MOST_SCRATCH, beside, padded
from pytest_mlbench.kernels.tuned.requantise.fixed_point import accumulators, fixed_point
from pytest_mlbench.kernels.tuned.requantise.two_products import lines_of_each

from .gemm import HIGH, suffix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.kernels.interface import LowerContext
    from pytest_mlbench.kernels.tuned.requantise.fixed_point import Accumulators, FixedPoint
    from pytest_mlbench.kernels.tuned.requantise.two_products import Line
    from pytest_mlbench.models.operators.layers import DepthwiseConv2D

SOURCES = beside(__file__, "xpulp_depthwise.c", "xpulp_depthwise.S", "portable_xpulp.c")

WORD = 4
"""Pixels of a line that are one word."""


def lower_xpulp_depthwise(layer: DepthwiseConv2D, _context: LowerContext) -> KernelCall | None:
    """The call for `layer`; None for another filter, and where 32 bits do not suffice."""
    batches, channels = layer.input_shape[0], layer.input_shape[3]
    if (
        batches != 1
        or layer.weights.shape[1:3] != (3, 3)
        or layer.depth_multiplier != 1
        or layer.dilation != (1, 1)
        or layer.stride not in ((1, 1), (2, 2))
    ):
        return None
    weights = np.ascontiguousarray(layer.weights.reshape(9, channels).T)
    acc = accumulators(weights, layer.bias, layer.input_offset)
    if acc is None:
        return None
    lines = lines_of_each(acc, layer)
    high = None if all(lines) else fixed_point(acc, layer)
    if not all(lines) and high is None:
        return None
    along_rows, along_columns = _plane(layer, run=2), _plane(layer, run=1)
    run = 2 if _words(along_rows) <= _words(along_columns) else 1
    plane = along_rows if run == 2 else along_columns
    if plane["plane_bytes"] > MOST_SCRATCH:
        return None
    taps = weights.reshape(channels, 3, 3)
    if run == 1:
        taps = taps.transpose(0, 2, 1)
    return KernelCall(
        kernel="xpulp_depthwise" + (suffix(high) if high else ""),
        library="tuned",
        function="mlbench_tuned_xpulp_depthwise",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_xpulp_depthwise",
                {
                    "constants": Array(
                        "int32_t", _constants(taps, acc, lines, high), name="constants"
                    ),
                    "channels": channels,
                    "stride": layer.stride[0],
                    "zero_point": -layer.input_offset,
                    **plane,
                    "range": layer.activation_max - layer.activation_min,
                    "low": layer.activation_min,
                    "is_signed": int(high is not None and high.is_signed),
                },
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
            Scratch(),
        ),
        sources=SOURCES,
        defines=(HIGH,) if high else (),
        scratch=plane["plane_bytes"],
        # An output lies over pixels of its own channel, and these are in the plane.
        overlaps=(Overlap(0, exact=True),),
    )


def _plane(layer: DepthwiseConv2D, *, run: int) -> dict[str, int]:
    """The plane of a channel whose lines run along axis `run` of the image: 1 down the columns, 2
    along the rows."""
    line = 3 - run
    channels, stride = layer.input_shape[3], layer.stride[0]
    pad_run, pad_line = layer.padding[run - 1], layer.padding[line - 1]
    step = {2: channels, 1: layer.input_shape[2] * channels}
    output_step = {2: channels, 1: layer.output_shape[2] * channels}
    lines, outputs = layer.output_shape[line], layer.output_shape[run]
    blocks, rest = divmod(outputs, WORD // stride)
    pitch = max(WORD * (blocks + bool(rest) + 1), padded(pad_run + layer.input_shape[run]))
    every = max((lines - 1) * stride + 3, pad_line + layer.input_shape[line])
    return {
        "plane_bytes": every * pitch,
        "first": pad_line * pitch + pad_run,
        "pitch": pitch,
        "line_step": stride * pitch - WORD * (blocks + bool(rest)),
        "input_lines": layer.input_shape[line],
        "input_run": layer.input_shape[run],
        "input_step": step[run],
        "input_line": step[line],
        "lines": lines,
        "blocks": blocks,
        "rest": rest,
        "output_step": output_step[run],
        "output_line": output_step[line] - outputs * output_step[run],
    }


def _words(plane: dict[str, int]) -> int:
    """How many blocks are computed."""
    return plane["lines"] * (plane["blocks"] + bool(plane["rest"]))


def _constants(
    taps: NDArray[np.int8],
    acc: Accumulators,
    lines: tuple[Line | None, ...],
    high: FixedPoint | None,
) -> NDArray[np.int32]:
    """Nine words per channel: see xpulp_depthwise.S."""
    channels = len(taps)
    filled = np.zeros((channels, 3, WORD), np.int8)
    filled[:, :, :3] = taps
    words = filled.reshape(channels, -1).view("<i4").astype(np.int64)
    rest = np.zeros((channels, 6), np.int64)
    if high:
        rest = np.stack(
            [acc.bias, high.multiplier, high.offset, high.sign, high.left_shift, high.shift], axis=1
        )
    for channel, line in enumerate(lines):
        if line:
            rest[channel] = (
                line.start,
                line.upper,
                line.offset,
                line.lower,
                line.bits - 32,
                line.most,
            )
    return np.concatenate([words, rest], axis=1).astype(np.int32)
