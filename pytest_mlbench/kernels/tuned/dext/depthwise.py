"""DEPTHWISE_CONV_2D 3x3 with two activations in one double (`dext`): depthwise_pairs.c.

The arithmetic and the proof are those of requantise/double.py; a channel has nine taps.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Scratch, Struct, TensorRef
from pytest_mlbench.kernels.tuned.geometry import HEADER, MOST_SCRATCH, beside, edges_3x3, padded
from pytest_mlbench.kernels.tuned.requantise.double import FIELD, prove
from pytest_mlbench.kernels.tuned.requantise.fixed_point import accumulators

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import LowerContext
    from pytest_mlbench.kernels.tuned.requantise.double import Double
    from pytest_mlbench.models.operators.layers import DepthwiseConv2D

STRIP = 5
"""Output columns computed at once: three rows of sums fill half of the registers."""


SOURCES = beside(__file__, "depthwise_pairs.c", "depthwise_3x3_pairs.S", "portable_pairs.c")


def lower_depthwise_pairs(layer: DepthwiseConv2D, _context: LowerContext) -> KernelCall | None:
    """The call for `layer`, or None if the integer kernel runs."""
    batches, input_h, input_w, channels = layer.input_shape
    _, output_h, output_w, _ = layer.output_shape
    stride = layer.stride[0]
    if edges_3x3(layer) is None or input_w * channels > MOST_SCRATCH:
        return None
    weights = np.ascontiguousarray(layer.weights.reshape(9, channels).T)
    acc = accumulators(weights, layer.bias, layer.input_offset)
    constants = prove(weights, acc, layer) if acc else None
    if constants is None:
        return None
    signed = bool(constants.d.any())
    strips = -(-output_w // STRIP)
    columns = -(-output_w // strips)
    return KernelCall(
        kernel=f"depthwise_3x3_pairs_c{channels}" + ("_signed" if signed else ""),
        library="tuned",
        function="mlbench_tuned_depthwise_3x3_pairs",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_depthwise_pairs",
                {
                    "stream": Array("uint32_t", _stream(weights, constants), 8, "stream"),
                    "away": Array("double", constants.d if signed else np.zeros(1), name="away"),
                    "away_step": 8 * signed,
                    "strip": "mlbench_tuned_depthwise_pairs_"
                    + ("s2_" if stride == 2 else "")
                    + f"w{columns}",
                    "columns": columns,
                    "images": batches,
                    "input_h": input_h,
                    "input_w": input_w,
                    "output_h": output_h,
                    "output_w": output_w,
                    "channels": channels,
                    "stride": stride,
                    "padding_h": layer.padding[0],
                    "padding_w": layer.padding[1],
                    "zero_point": -layer.input_offset,
                },
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
            Scratch(),
        ),
        sources=SOURCES,
        defines=(
            f"MLBENCH_TUNED_CHANNELS={channels}",
            *(("MLBENCH_TUNED_PAIRS_SIGNED",) if signed else ()),
        ),
        scratch=padded(input_w * channels),
    )


def _stream(weights: np.ndarray, constants: Double) -> np.ndarray:
    """Per channel: weights, bias, m, c: see depthwise_3x3_pairs.S."""
    weights = np.where(constants.silent[:, None], 0, weights)
    bias = (constants.bias / (2**FIELD + 1)).astype(np.int64).tolist()
    rows = [
        struct.pack("<9b3xidd", *map(int, taps), start, m, c)
        for taps, start, m, c in zip(weights, bias, constants.m, constants.c, strict=True)
    ]
    return np.frombuffer(b"".join(rows), "<u4")
