"""Helpers for operators with weights and a bias."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from .rules import scale_problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.models.tflite.graph import Tensor

    from .view import OperatorView


def weights_problem(view: OperatorView, outputs: int, axis: int) -> str:
    """What is wrong with the quantisation of the weights, the second input; empty if nothing is.

    Any zero point is accepted: like in the interpreter, only FULLY_CONNECTED uses it.
    """
    known = view.tensor(1).quantisation
    if not known.scales:
        return "its weights have no scale"
    problem = scale_problem(known.scales, zero=True)
    if problem:
        return f"its weights have {problem}"
    if len(known.scales) > 1 and (len(known.scales), known.axis) != (outputs, axis):
        return f"its weights have {len(known.scales)} scales along axis {known.axis}"
    return ""


def bias_of(view: OperatorView) -> NDArray[np.int32] | None:
    """The bias, int32 [outputs], or None."""
    bias = view.optional(2)
    if bias is None or bias.data is None:
        return None
    return bias.data.reshape(-1).astype(np.int32, copy=False)


def weights_of(
    view: OperatorView, source: int = 0, bias: int = 2
) -> tuple[NDArray[np.int8] | None, tuple[int, ...]]:
    """The weights' stored values, or None if they are computed; and the positions of the inputs
    that become the layer's inputs: the source, then weights and bias if they are computed."""
    computed = tuple(place for place in (1, bias) if is_computed(view.optional(place)))
    return None if 1 in computed else int8_of(view.tensor(1)), (source, *computed)


def is_computed(tensor: Tensor | None) -> bool:
    """Is this input there, and not constant?"""
    return tensor is not None and tensor.data is None


def with_bias(layer: Any, more: tuple[NDArray[Any], ...]) -> tuple[Any, tuple[NDArray[Any], ...]]:
    """A layer whose bias is computed gets it from the last of `more`; returns the others too."""
    if not layer.computed_bias:
        return layer, more
    return replace(layer, bias=more[-1].reshape(-1), computed_bias=False), more[:-1]


def int8_of(tensor: Tensor) -> NDArray[np.int8]:
    """A constant's stored values."""
    assert tensor.data is not None
    return tensor.data.astype(np.int8, copy=False)


def channel_factors(
    view: OperatorView, channels: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """One factor per channel, even if all weights share one scale."""
    scales = view.tensor(1).quantisation.scales
    source = view.tensor(0).quantisation.scale
    output = view.output.quantisation.scale
    reals = [q.product_scale(source, scale, output) for scale in scales]
    multipliers, shifts = q.quantize_multipliers(reals)
    if len(reals) == 1:
        return np.repeat(multipliers, channels), np.repeat(shifts, channels)
    return multipliers, shifts
