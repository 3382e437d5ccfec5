"""Calls of softmax_wide.c, softmax_int16.c and log_softmax.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.models.operators.log_softmax import LogSoftmax
from pytest_mlbench.models.operators.softmax import SoftmaxDeep, SoftmaxTo16
from pytest_mlbench.models.operators.softmax16 import SoftmaxInt16

from .kernel import kernel, struct

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import Struct

HEADER = "mlbench_softmax.h"


def softmax(layer: SoftmaxDeep | SoftmaxTo16) -> Struct:
    """`struct mlbench_softmax`."""
    return struct(layer, "softmax")


KERNELS = (
    kernel(LogSoftmax, "log_softmax", in_place=True, header=HEADER),
    kernel(
        SoftmaxDeep,
        "softmax_deep",
        "softmax_wide.c",
        params=softmax,
        in_place=True,
        header=HEADER,
    ),
    kernel(SoftmaxTo16, "softmax_int8_to_int16", "softmax_wide.c", params=softmax, header=HEADER),
    kernel(SoftmaxInt16, "softmax_int16", in_place=True, header=HEADER),
)
