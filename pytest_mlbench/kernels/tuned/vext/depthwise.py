"""DEPTHWISE_CONV_2D for V 1.0: vector_conv2d.c, vector_depthwise_3x3.S."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Null, Scratch, Struct, TensorRef
from pytest_mlbench.kernels.tuned.geometry import HEADER, MOST_SCRATCH, beside
from pytest_mlbench.kernels.tuned.requantise.fixed_point import accumulators
from pytest_mlbench.kernels.tuned.requantise.vector import vector_rounding

from .blocking import planes_cost
from .common import padded_image, vector_length
from .cost import CODE, depthwise_lanes
from .planes import lower_planes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mlbench.kernels.interface import LowerContext
    from pytest_mlbench.models.operators.layers import DepthwiseConv2D


SOURCES = beside(
    __file__, "vector_conv2d.c", "vector_depthwise_3x3.S", "vector_move.S", "portable_vector.c"
)


def lower_vector_depthwise(layer: DepthwiseConv2D, context: LowerContext) -> KernelCall | None:
    """The call for `layer`, or None if the integer kernel runs.

    Lanes are positions if that needs fewer instructions, else channels.
    """
    return next(_calls(layer, context), None)


def lower_other_vector_depthwise(
    layer: DepthwiseConv2D, context: LowerContext
) -> KernelCall | None:
    """The call of the other kernel, which may need less memory; None unless both cover it."""
    return next(itertools.islice(_calls(layer, context), 1, None), None)


def _calls(layer: DepthwiseConv2D, context: LowerContext) -> Iterator[KernelCall]:
    isa = context.isa
    vlen = vector_length(isa)
    _, output_h, output_w, channels = layer.output_shape
    positions = planes_cost(layer, vlen)
    usual = depthwise_lanes(output_h * output_w, channels, vlen)
    kernels = [_lower_channels, lower_planes]
    if positions is not None and positions * CODE < usual:
        kernels.reverse()
    for kernel in kernels:
        call = kernel(layer, isa)
        if call is not None:
            yield call


def _lower_channels(layer: DepthwiseConv2D, _isa: str) -> KernelCall | None:
    """The call for a 3x3 filter on one image, with channels as lanes."""
    batches, _, _, channels = layer.input_shape
    _, output_h, output_w, _ = layer.output_shape
    weights = layer.weights.reshape(-1, channels) if layer.depth_multiplier == 1 else None
    if (
        weights is None
        or layer.weights.shape[1:3] != (3, 3)
        or layer.dilation != (1, 1)
        or batches != 1
        or (weights == -128).any()
    ):
        return None
    acc = accumulators(np.ascontiguousarray(weights.T), layer.bias, layer.input_offset)
    constants = vector_rounding(acc, layer) if acc else None
    if acc is None or constants is None:
        return None
    stride_h, stride_w = layer.stride
    image, image_bytes, row = padded_image(
        layer, (output_h - 1) * stride_h + 3, (output_w - 1) * stride_w + 3
    )
    if image_bytes > MOST_SCRATCH:
        return None
    values = np.concatenate([constants.bias, constants.multiplier, constants.e]).astype(np.int32)
    return KernelCall(
        kernel="vector_depthwise_3x3",
        library="tuned",
        function="mlbench_tuned_vector_depthwise",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_vector_depthwise",
                {
                    "weights": Array(
                        "int8_t",
                        np.where(constants.silent, 0, weights).astype(np.int8),
                        name="weights",
                    ),
                    "constants": Array("int32_t", values, name="constants"),
                    "channels": channels,
                    "row": row,
                    "output_h": output_h,
                    "output_w": output_w,
                    "step": stride_w * channels,
                    "row_step": stride_h * row,
                    "zero_point": layer.output_offset,
                    "low": layer.activation_min,
                    "high": layer.activation_max,
                    "is_signed": int(constants.is_signed),
                    "image": image,
                },
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
            Scratch() if image_bytes else Null(),
        ),
        sources=SOURCES,
        scratch=image_bytes,
        in_place=((0, 0),) if image_bytes else (),  # the whole image is copied first
    )
