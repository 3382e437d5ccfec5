"""What operators with weights and a bias share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.models.tflite.graph import Tensor

    from .view import View


def weights_problem(view: View, outputs: int, axis: int) -> str:
    """What is wrong with the quantisation of the weights, the second input."""
    known = view.tensor(1).quantisation
    if not known.scales:
        return "its weights have no scale"
    if not all(0 < scale < math.inf for scale in known.scales):
        return "its weights have a scale that is not a positive number"
    if any(known.zero_points):
        return "its weights have a zero point other than 0"
    if len(known.scales) > 1 and (len(known.scales), known.axis) != (outputs, axis):
        return f"its weights have {len(known.scales)} scales along axis {known.axis}"
    return ""


def bias_of(view: View) -> NDArray[np.int32] | None:
    """The bias, int32 [outputs], or None."""
    bias = view.optional(2)
    if bias is None or bias.data is None:
        return None
    return bias.data.reshape(-1).astype(np.int32, copy=False)


def int8_of(tensor: Tensor) -> NDArray[np.int8]:
    """A constant's stored values."""
    assert tensor.data is not None
    return tensor.data.astype(np.int8, copy=False)
