"""FULLY_CONNECTED for V 1.0 with inputs as lanes: vector_fully_connected.S."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Struct, TensorRef
from pytest_mlbench.kernels.tuned.geometry import HEADER, beside
from pytest_mlbench.kernels.tuned.requantise.fixed_point import accumulators
from pytest_mlbench.kernels.tuned.requantise.vector import vector_rounding

from .channels import lower_rows
from .common import vector_length
from .cost import channel_lanes, input_lanes

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import LowerContext
    from pytest_mlbench.models.operators.layers import FullyConnected

WORTH = 2
"""For one input row, the kernel with inputs as lanes stores at most half the weight bytes. For that
it may need this many times the instructions."""


SOURCES = beside(__file__, "vector_fully_connected.S", "portable_vector.c")


def lower_vector_fully_connected(layer: FullyConnected, context: LowerContext) -> KernelCall | None:
    """The call for `layer`; None if weights are computed or have a zero point, or if 32 bits do not
    suffice."""
    if layer.weights is None or layer.weights_offset != 0:
        return None
    isa = context.isa
    shape, vlen = (layer.batches, layer.out_features, layer.in_features), vector_length(isa)
    many = channel_lanes(*shape, vlen, patches=False)
    if many * (WORTH if layer.batches == 1 else 1) < input_lanes(*shape, vlen):
        call = lower_rows(layer, isa)
        if call is not None:
            return call
    acc = accumulators(layer.weights, layer.bias, layer.input_offset)
    constants = vector_rounding(acc, layer) if acc else None
    if acc is None or constants is None:
        return None
    weights = np.where(constants.silent[:, None], 0, layer.weights).astype(np.int8)
    values = np.concatenate([constants.bias, constants.multiplier, constants.e]).astype(np.int32)
    return KernelCall(
        kernel="vector_fully_connected",
        library="tuned",
        function="mlbench_tuned_vector_fully_connected",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_vector_fully_connected",
                {
                    "weights": Array("int8_t", weights, name="weights"),
                    "constants": Array("int32_t", values, name="constants"),
                    "rows": layer.batches,
                    "k": layer.in_features,
                    "channels": layer.out_features,
                    "zero_point": layer.output_offset,
                    "low": layer.activation_min,
                    "high": layer.activation_max,
                    "is_signed": int(constants.is_signed),
                },
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
        ),
        sources=SOURCES,
    )
