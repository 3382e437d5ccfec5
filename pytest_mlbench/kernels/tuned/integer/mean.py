"""MEAN over dimensions in front of the innermost one: mean.c."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import Behind, KernelCall, Struct, TensorRef
from pytest_mlbench.kernels.tuned.geometry import HEADER, beside

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import Argument, LowerContext
    from pytest_mlbench.models.operators.layers import Mean

SOURCES = beside(__file__, "mean.c")


def lower_mean(layer: Mean, _context: LowerContext) -> KernelCall | None:
    """The call for `layer`; None unless what is reduced lies together and something is kept
    behind it."""
    fields = mean_fields(layer)
    if fields is None:
        return None
    return KernelCall(
        kernel="mean",
        library="tuned",
        function="mlbench_tuned_mean",
        header=HEADER,
        arguments=(
            Struct("struct mlbench_tuned_mean", fields),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
        ),
        sources=SOURCES,
        behind=(Behind(0),),
    )


def mean_fields(layer: Mean) -> dict[str, Argument] | None:
    """struct mlbench_tuned_mean: [outer, rows, channels], the mean over rows."""
    axes = [axis for axis in layer.axes if layer.input_shape[axis] > 1]
    if not axes or axes != list(range(axes[0], axes[-1] + 1)):
        return None
    rows = math.prod(layer.input_shape[axes[0] : axes[-1] + 1])
    channels = math.prod(layer.input_shape[axes[-1] + 1 :])
    if channels < 4:
        return None
    return {
        "outer": math.prod(layer.input_shape[: axes[0]]),
        "rows": rows,
        "channels": channels,
        "offset": rows * layer.input_offset,
        "multiplier": layer.multiplier,
        "shift": layer.shift,
        "output_offset": layer.output_offset,
    }
