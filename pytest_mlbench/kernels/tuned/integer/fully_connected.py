"""FULLY_CONNECTED of one row: fully_connected.S. Several rows run as a convolution: conv2d.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Struct, TensorRef
from pytest_mlbench.kernels.tuned.geometry import HEADER, beside
from pytest_mlbench.kernels.tuned.requantise.fixed_point import accumulators, fixed_point

from .conv2d import lower_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.kernels.interface import LowerContext
    from pytest_mlbench.kernels.tuned.requantise.fixed_point import FixedPoint
    from pytest_mlbench.models.operators.layers import FullyConnected

SOURCES = beside(__file__, "fully_connected.S", "portable_integer.c")

WIDE, NARROW = 16, 4


def lower_fully_connected(layer: FullyConnected, context: LowerContext) -> KernelCall | None:
    """The call for `layer`; None if weights are computed or have a zero point, or if 32 bits do not
    suffice."""
    if layer.weights is None or layer.weights_offset != 0:
        return None
    if layer.batches > 1:
        return lower_rows(layer, context)
    acc = accumulators(layer.weights, layer.bias, layer.input_offset)
    constants = fixed_point(acc, layer, uniform=True) if acc else None
    if acc is None or constants is None:
        return lower_rows(layer, context)
    group = NARROW if layer.out_features < WIDE else WIDE
    if layer.out_features < NARROW:
        return lower_rows(layer, context)
    return KernelCall(
        kernel=f"fully_connected_{group}" + ("_signed" if constants.is_signed else ""),
        library="tuned",
        function=f"mlbench_tuned_fully_connected_{group}",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_fully_connected",
                {
                    "stream": Array(
                        "uint32_t", _stream(layer.weights, acc.bias, group), name="stream"
                    ),
                    "k": layer.in_features,
                    "outputs": layer.out_features,
                    **_constants(constants),
                },
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
        ),
        sources=SOURCES,
        defines=("MLBENCH_TUNED_FULLY_CONNECTED_SIGNED",) if constants.is_signed else (),
    )


def _constants(constants: FixedPoint) -> dict[str, int]:
    return {
        "multiplier": int(constants.multiplier[0]),
        "offset": int(constants.offset[0]),
        "left_shift": int(constants.left_shift[0]),
        "shift": int(constants.shift[0]),
        "sign": int(constants.sign[0]),
        "range": constants.limit,
        "low": constants.low,
    }


def _stream(weights: NDArray[np.int8], bias: NDArray[np.int64], group: int) -> NDArray[np.uint32]:
    outputs, k = weights.shape
    chunks = []
    for first in [*range(0, outputs - group, group), outputs - group]:
        own = slice(first, first + group)
        columns = np.zeros((-(-k * group // 4) * 4 // group, group), np.int8)
        columns[:k] = weights[own].T
        chunks += [bias[own].astype("<i4").tobytes(), columns.tobytes()]
    return np.frombuffer(b"".join(chunks), "<u4")
