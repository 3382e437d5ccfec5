"""ADD, SUB and MUL with constants, one or two of them in one pass, for V 1.0:
vector_channel_line.S."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Null, Struct, TensorRef
from pytest_mlbench.kernels.tuned.channel_steps import (
    channels_of,
    elements,
    kernel_name,
    lines,
    moving_input,
    steps_of,
)
from pytest_mlbench.kernels.tuned.geometry import HEADER, beside

from .common import vector_length

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.kernels.interface import Argument, LowerContext
    from pytest_mlbench.kernels.tuned.requantise.channel_line import ChannelLine
    from pytest_mlbench.models.operators.layers import Elementwise, ElementwiseChain

SOURCES = beside(__file__, "vector_channel_line.S", "portable_arithmetic.c")


def lower_vector_channel_line(
    layer: Elementwise | ElementwiseChain, context: LowerContext
) -> KernelCall | None:
    """The call for operators with constants; None unless they are lines."""
    steps = steps_of(layer)
    if steps is None:
        return None
    channels, moving = channels_of(steps), moving_input(layer)
    found = lines(steps, channels, from_zero=False)
    if found is None:
        return None
    lanes = vector_length(context.isa) // 4
    repeats = max(lanes // channels, 1)
    kernel = "vector_" + kernel_name(found)
    return KernelCall(
        kernel=kernel,
        library="tuned",
        function=f"mlbench_tuned_{kernel}",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_vector_channel_line",
                {
                    "count": elements(layer),
                    "period": channels * repeats,
                    **_fields("", found[0], repeats),
                    **(
                        {"second_slopes": Null(), "second_offsets": Null()}
                        if len(found) == 1
                        else _fields("second_", found[1], repeats)
                    ),
                },
            ),
            TensorRef(layer.inputs[moving]),
            TensorRef(layer.outputs[0]),
        ),
        sources=SOURCES,
        in_place=((moving, 0),),
    )


def _fields(prefix: str, line: ChannelLine, repeats: int) -> dict[str, Argument]:
    return {
        f"{prefix}slopes": _words(line.slope, repeats, "slopes"),
        f"{prefix}offsets": _words(line.offset, repeats, "offsets"),
        f"{prefix}threshold": line.threshold,
        f"{prefix}step": line.step,
        f"{prefix}shift": line.shift,
        f"{prefix}low": line.low,
        f"{prefix}high": line.high,
    }


def _words(values: NDArray[np.int64], repeats: int, name: str) -> Array:
    return Array("int32_t", np.tile(values, repeats).astype(np.int32), name=name)
