"""TRANSPOSE_CONV: each input pixel contributes to a window of the output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from .constants import integers
from .int16 import wide
from .layers import Windowed
from .numpy_arithmetic import Words, bias, finish
from .operator import Operator
from .rules import INT32, Input, Rule
from .shapes import expect, expect_rank
from .view import OperatorView, common
from .weights import channel_factors, is_computed, weights_of, weights_problem, with_bias
from .window import image_shape

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class TransposeConv(Windowed):
    """TRANSPOSE_CONV: weights int8 [out_c, k_h, k_w, in_c], or None if they are computed and so the
    second of `inputs`. bias int32 [out_c] or None, or with `computed_bias` the last of `inputs`.
    multipliers, shifts: int32 [out_c]. Input pixel (y, x) adds to the window of outputs that begins
    at (y, x) * stride - padding."""

    weights: NDArray[np.int8] | None
    filter: tuple[int, int]
    bias: NDArray[np.int32] | None
    computed_bias: bool
    input_offset: int
    output_offset: int
    multipliers: NDArray[np.int32]
    shifts: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class TransposeConv16(Windowed):
    """TRANSPOSE_CONV int16x8: bias int64 [out_c] or None, multipliers of 15 bits."""

    weights: NDArray[np.int8] | None
    filter: tuple[int, int]
    bias: NDArray[np.int64] | None
    computed_bias: bool
    multipliers: NDArray[np.int32]
    shifts: NDArray[np.int32]


def _as_convolution(view: OperatorView) -> OperatorView:
    """The operator with input, weights and bias at a convolution's positions."""
    return OperatorView(
        view.operator, (view.tensor(2), view.tensor(1), view.optional(3)), view.outputs
    )


def _problem(view: OperatorView) -> str:
    problem = expect_rank(view, 4, 1, 2)
    if problem:
        return problem
    outputs, height, width, depth = view.tensor(1).shape
    batch, rows, columns, channels = view.tensor(2).shape
    if depth != channels:
        return f"its weights have {depth} channels, expected {channels}"
    shape = integers(view, 0)
    if len(shape) != 4 or shape[0] != batch or shape[3] != outputs:
        return f"an output shape of {list(shape)}, expected {batch} images of {outputs} channels"
    stride = (view.option("stride_h"), view.option("stride_w"))
    if min(stride) < 1:
        return "a stride below 1"
    for place, size, window in ((1, rows, height), (2, columns, width)):
        found = q.output_size(shape[place], window, stride[place - 1], 1, view.option("padding"))
        if found != size:
            return f"a convolution of its output gives {found} rows or columns, expected {size}"
    offset = view.optional(3)
    if offset is not None and offset.elements != outputs:
        return f"its bias has {offset.elements} values, expected {outputs}"
    return (
        expect(view, shape)
        or weights_problem(_as_convolution(view), outputs, 0)
        or wide.type_problem(view, source=2)
        or wide.bias_problem(view, 3, source=2)
        or ("no bias" if offset is None and view.output.dtype == "int16" else "")
    )


def _lower(view: OperatorView) -> TransposeConv | TransposeConv16:
    source, output, weights = image_shape(view.tensor(2)), image_shape(view.output), view.tensor(1)
    stride = (view.option("stride_h"), view.option("stride_w"))
    low, high = q.activation_range(view.option("fused_activation_function", "NONE"), view.output)
    padding = [
        q.padding_before(output[1 + i], source[1 + i], weights.shape[1 + i], stride[i], 1)
        for i in (0, 1)
    ]
    multipliers, shifts = channel_factors(_as_convolution(view), output[3])
    offset = view.optional(3)
    macs = view.tensor(2).elements * weights.elements // weights.shape[3]
    stored, positions = weights_of(view, 2, 3)
    known: dict[str, Any] = {
        **common(view, *positions, macs=macs),
        "input_shape": source,
        "output_shape": output,
        "weights": stored,
        "filter": (weights.shape[1], weights.shape[2]),
        "stride": stride,
        "padding": (padding[0], padding[1]),
        "shifts": shifts,
        "computed_bias": is_computed(offset),
        "activation_min": low,
        "activation_max": high,
    }
    if view.output.dtype == "int16":
        multipliers = wide.short(multipliers)
        return TransposeConv16(**known, multipliers=multipliers, bias=wide.wide_bias(view, 3))
    return TransposeConv(
        **known,
        bias=None if offset is None or offset.data is None else offset.data.astype(np.int32),
        input_offset=-view.tensor(2).quantisation.zero_point,
        output_offset=view.output.quantisation.zero_point,
        multipliers=multipliers,
    )


def _reference(
    layer: TransposeConv | TransposeConv16, source: NDArray[Any], *more: NDArray[Any]
) -> Words:
    layer, more = with_bias(layer, more)
    values = source.reshape(layer.input_shape).astype(np.int64)
    if isinstance(layer, TransposeConv):
        values = values + layer.input_offset
    weights = (layer.weights if layer.weights is not None else more[0]).astype(np.int64)
    _, height, width, _ = weights.shape
    batch, rows, columns, channels = layer.output_shape
    edge = [
        (size - 1) * step + window
        for size, step, window in zip(
            layer.input_shape[1:3], layer.stride, (height, width), strict=True
        )
    ]
    room = [max(edge[0], layer.padding[0] + rows), max(edge[1], layer.padding[1] + columns)]
    sums = np.zeros((batch, *room, channels), np.int64)
    for y in range(layer.input_shape[1]):
        for x in range(layer.input_shape[2]):
            top, left = y * layer.stride[0], x * layer.stride[1]
            spread = np.einsum("nc,ohwc->nhwo", values[:, y, x], weights)
            sums[:, top : top + height, left : left + width] += spread
    top, left = layer.padding
    seen = sums[:, top : top + rows, left : left + columns]
    if isinstance(layer, TransposeConv16):
        return wide.finish64(layer, seen)
    return finish(layer, seen + bias(layer.bias))


OPERATORS = (
    Operator(
        "TRANSPOSE_CONV",
        Rule(
            (
                Input(INT32, constant=True, scales="none"),
                Input(scales="none"),
                Input(("int8", "int16")),
                Input(("int32", "int64"), optional=True, scales="none"),
            ),
            ("int8", "int16"),
        ),
        _lower,
        _reference,
        _problem,
    ),
)
