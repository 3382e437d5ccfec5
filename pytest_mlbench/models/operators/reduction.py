"""MEAN, SUM, REDUCE_MAX, REDUCE_MIN, ARG_MAX and ARG_MIN."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from . import float32, layers, reduction32
from .constants import axis_of, integers
from .extremes import AnyArgExtreme, AnyExtreme
from .numpy_arithmetic import requantise
from .operator import Operator
from .rules import INT32, Input, Rule, copied
from .shapes import MAX_KERNEL_RANK, expect
from .view import common

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .layers import Layer
    from .view import OperatorView


def axes_of(view: OperatorView) -> tuple[int, ...]:
    """The reduced axes: sorted, non-negative, each once. Raises ValueError for an invalid axis."""
    rank = len(view.tensor(0).shape)
    data = view.tensor(1).data
    axes = data.reshape(-1).astype(int).tolist() if data is not None else []
    if any(not -rank <= axis < rank for axis in axes):
        raise ValueError(f"axes {axes} of {rank} dimensions")
    return tuple(sorted({axis % rank for axis in axes}))


def reduction_problem(view: OperatorView) -> str:
    """What is wrong with axes and shapes of a reducing operator; empty if nothing is."""
    shape = view.tensor(0).shape
    if len(shape) > MAX_KERNEL_RANK:
        return f"{len(shape)} dimensions, expected at most {MAX_KERNEL_RANK}"
    try:
        axes = axes_of(view)
    except ValueError as error:
        return str(error)
    if view.option("keep_dims", default=False):
        return expect(view, tuple(1 if i in axes else size for i, size in enumerate(shape)))
    return expect(view, tuple(size for i, size in enumerate(shape) if i not in axes))


@dataclass(frozen=True, eq=False)
class Mean16(layers.Mean):
    """MEAN of int16."""


def _kind(view: OperatorView) -> type[layers.Mean]:
    return Mean16 if view.output.dtype == "int16" else layers.Mean


def _summed_problem(view: OperatorView) -> str:
    source, output = view.tensor(0).dtype, view.output.dtype
    return reduction_problem(view) or ("" if source == output else f"from {source} to {output}")


def _sum32(view: OperatorView, divisor: int) -> reduction32.Sum32:
    shape, axes = view.tensor(0).shape, axes_of(view)
    return reduction32.Sum32(**common(view), input_shape=shape, axes=axes, divisor=float(divisor))


def _mean(view: OperatorView) -> Layer:
    source, output, axes = view.tensor(0), view.output, axes_of(view)
    count = math.prod(source.shape[axis] for axis in axes)
    if float32.is_float(view):
        return _sum32(view, count)
    factor = q.mean_multiplier(source.quantisation.scale, output.quantisation.scale, count)
    return _kind(view)(
        **common(view),
        input_shape=source.shape,
        axes=axes,
        input_offset=-source.quantisation.zero_point,
        output_offset=output.quantisation.zero_point,
        multiplier=factor.multiplier,
        shift=factor.shift,
    )


def _mean_reference(layer: layers.Mean | reduction32.Sum32, source: NDArray[Any]) -> NDArray[Any]:
    if isinstance(layer, reduction32.Sum32):
        return reduction32.sum_reference(layer, source)
    values = source.reshape(layer.input_shape).astype(np.int64) + layer.input_offset
    sums = values.sum(axis=layer.axes).astype(np.int32).astype(np.int64)
    scaled = requantise(sums, layer.multiplier, layer.shift) + layer.output_offset
    clamped: NDArray[Any] = np.clip(
        scaled, *q.LIMITS["int16" if isinstance(layer, Mean16) else "int8"]
    )
    return clamped


@dataclass(frozen=True, eq=False)
class Extreme(AnyExtreme):
    """REDUCE_MAX and REDUCE_MIN of integers: compares stored values."""


@dataclass(frozen=True, eq=False)
class ArgExtreme(AnyArgExtreme):
    """ARG_MAX and ARG_MIN of integers."""


def _sum(view: OperatorView) -> Layer:
    if float32.is_float(view):
        return _sum32(view, 1)
    source, output = view.tensor(0), view.output
    factor = q.quantize_multiplier(source.quantisation.scale / output.quantisation.scale)
    return _kind(view)(
        **common(view),
        input_shape=source.shape,
        axes=axes_of(view),
        input_offset=-source.quantisation.zero_point,
        output_offset=output.quantisation.zero_point,
        multiplier=factor.multiplier,
        shift=factor.shift,
    )


def _extreme(view: OperatorView) -> Extreme | reduction32.Extreme32:
    return (reduction32.Extreme32 if float32.is_float(view) else Extreme)(
        **common(view),
        input_shape=view.tensor(0).shape,
        axes=axes_of(view),
        sign=1 if view.kind == "REDUCE_MAX" else -1,
    )


def _extreme_reference(
    layer: Extreme | reduction32.Extreme32, source: NDArray[Any]
) -> NDArray[Any]:
    if isinstance(layer, reduction32.Extreme32):
        return reduction32.extreme_reference(layer, source)
    values = source.reshape(layer.input_shape)
    chosen: NDArray[Any] = (np.max if layer.sign > 0 else np.min)(values, axis=layer.axes)
    return chosen


def _arg_problem(view: OperatorView) -> str:
    shape, axis = view.tensor(0).shape, integers(view, 1)
    if len(axis) != 1:
        return f"{len(axis)} axes, expected 1"
    try:
        place = axis_of(axis[0], len(shape))
    except ValueError as error:
        return str(error)
    return expect(view, shape[:place] + shape[place + 1 :])


def _arg(view: OperatorView) -> ArgExtreme | reduction32.ArgExtreme32:
    shape = view.tensor(0).shape
    place = axis_of(integers(view, 1)[0], len(shape))
    kind = reduction32.ArgExtreme32 if view.tensor(0).dtype == "float32" else ArgExtreme
    return kind(
        **common(view),
        outer=math.prod(shape[:place]),
        size=shape[place],
        inner=math.prod(shape[place + 1 :]),
        sign=1 if view.kind == "ARG_MAX" else -1,
    )


def _arg_reference(
    layer: ArgExtreme | reduction32.ArgExtreme32, source: NDArray[Any]
) -> NDArray[Any]:
    if isinstance(layer, reduction32.ArgExtreme32):
        return reduction32.arg_reference(layer, source)
    rows = source.reshape(layer.outer, layer.size, layer.inner)
    found: NDArray[Any] = (np.argmax if layer.sign > 0 else np.argmin)(rows, axis=1)
    return found


_AXES = Input(INT32, constant=True, scales="none")

_TYPES = ("int8", "int16", "float32")
_COMPARED = ("int8", "float32")
_SUMMED = Rule((Input(_TYPES, everything=True), _AXES), _TYPES)
_RAW = Rule((copied(*_COMPARED), _AXES), _COMPARED)
_ARG = Rule((Input(_COMPARED, scales="none", everything=True), _AXES), INT32)

OPERATORS = (
    Operator("ARG_MAX", _ARG, _arg, _arg_reference, _arg_problem),
    Operator("ARG_MIN", _ARG, _arg, _arg_reference, _arg_problem),
    Operator("MEAN", _SUMMED, _mean, _mean_reference, _summed_problem),
    Operator("REDUCE_MAX", _RAW, _extreme, _extreme_reference, reduction_problem),
    Operator("REDUCE_MIN", _RAW, _extreme, _extreme_reference, reduction_problem),
    Operator("SUM", _SUMMED, _sum, _mean_reference, _summed_problem),
)
