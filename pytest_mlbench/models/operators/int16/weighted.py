"""CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlbench.models.operators.layers import Dense, Windowed
from pytest_mlbench.models.operators.numpy_arithmetic import Words, requantise, windows
from pytest_mlbench.models.operators.view import common
from pytest_mlbench.models.operators.weights import (
    bias_of,
    channel_factors,
    is_computed,
    weights_of,
    with_bias,
)
from pytest_mlbench.models.operators.window import dilation, lower_window

from .wide import finish64, narrow_sums, short, wide_bias

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.models.operators.view import OperatorView


@dataclass(frozen=True, eq=False)
class Convolution16(Windowed):
    """CONV_2D (weights int8 [out_c, k_h, k_w, filter_c]) and DEPTHWISE_CONV_2D (depth_multiplier
    above 0; weights int8 [1, k_h, k_w, out_c]).

    `narrow`: sums have 32 bits instead of 64. bias: int64 [out_c] (narrow: int32) or None;
    multipliers: 15 bits (narrow: 31 bits).
    Computed weights are the second input; then `weights` is None. With `computed_bias`, the last
    input is the bias.
    """

    weights: NDArray[np.int8] | None
    bias: NDArray[np.int64] | NDArray[np.int32] | None
    computed_bias: bool
    filter: tuple[int, int]
    filter_c: int
    depth_multiplier: int
    narrow: bool
    dilation: tuple[int, int]
    multipliers: NDArray[np.int32]
    shifts: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class FullyConnected16(Dense):
    """FULLY_CONNECTED. bias as in Convolution16, or with `computed_bias` the last of `inputs`;
    multipliers [1] or [out_n], as wide as there."""

    bias: NDArray[np.int64] | NDArray[np.int32] | None
    computed_bias: bool
    narrow: bool


def convolution(view: OperatorView) -> Convolution16:
    """CONV_2D and DEPTHWISE_CONV_2D."""
    _, height, width, depth = view.tensor(1).shape
    depthwise = view.kind == "DEPTHWISE_CONV_2D"
    multipliers, shifts = channel_factors(view, view.output.shape[3])
    each = height * width * (1 if depthwise else depth)
    offset = view.optional(2)
    narrow = narrow_sums(view)
    weights, positions = weights_of(view)
    return Convolution16(
        **common(view, *positions, macs=view.output.elements * each),
        **lower_window(view, (height, width), dilation(view)),
        weights=weights,
        bias=bias_of(view) if narrow else wide_bias(view),
        computed_bias=is_computed(offset),
        filter=(height, width),
        filter_c=0 if depthwise else depth,
        depth_multiplier=depth // view.tensor(0).shape[3] if depthwise else 0,
        narrow=narrow,
        dilation=dilation(view),
        multipliers=multipliers if narrow else short(multipliers),
        shifts=shifts,
    )


def convolution_reference(layer: Convolution16, source: NDArray[Any], *more: NDArray[Any]) -> Words:
    """The numpy reference."""
    layer, more = with_bias(layer, more)
    stored = layer.weights if layer.weights is not None else more[0]
    weights = stored.astype(np.int64)
    values = source.reshape(layer.input_shape).astype(np.int64)
    if layer.depth_multiplier:
        seen = windows(
            values.repeat(layer.depth_multiplier, -1), layer, layer.filter, layer.dilation, 0
        )
        return finish64(layer, (seen * weights[0]).sum(axis=(3, 4)))
    seen = windows(values, layer, layer.filter, layer.dilation, 0)
    each = weights.shape[0] * layer.filter_c // values.shape[-1]
    parts = [
        np.tensordot(
            seen[..., start * layer.filter_c : (start + 1) * layer.filter_c],
            weights[start * each : (start + 1) * each],
            ([3, 4, 5], [1, 2, 3]),
        )
        for start in range(values.shape[-1] // layer.filter_c)
    ]
    sums = np.concatenate(parts, axis=-1)
    return finish_either(layer, sums)


def finish_either(layer: Convolution16 | FullyConnected16, sums: Words) -> Words:
    """Adds the bias, scales and clamps, in the width of the layer's sums."""
    if not layer.narrow:
        return finish64(layer, sums)
    total = sums if layer.bias is None else sums + layer.bias
    wrapped = total.astype(np.int32).astype(np.int64)
    scaled = requantise(wrapped, layer.multipliers, layer.shifts)
    clamped: Words = np.clip(scaled, layer.activation_min, layer.activation_max)
    return clamped
