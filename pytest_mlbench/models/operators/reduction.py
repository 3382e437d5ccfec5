"""MEAN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from . import layers
from .numpy_arithmetic import Words, requantise
from .operator import Operator
from .rules import INT32, Input, Rule
from .shapes import MAX_RANK, expect
from .view import common

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import View


def axes_of(view: View) -> tuple[int, ...]:
    """The reduced axes, sorted, none negative or named twice. Raises ValueError for a bad one."""
    rank = len(view.tensor(0).shape)
    data = view.tensor(1).data
    axes = data.reshape(-1).astype(int).tolist() if data is not None else []
    if any(not -rank <= axis < rank for axis in axes):
        raise ValueError(f"axes {axes} of {rank} dimensions")
    return tuple(sorted({axis % rank for axis in axes}))


def reduction_problem(view: View) -> str:
    """What is wrong with axes and shapes of an operator that reduces."""
    shape = view.tensor(0).shape
    if len(shape) > MAX_RANK:
        return f"{len(shape)} dimensions, expected at most {MAX_RANK}"
    try:
        axes = axes_of(view)
    except ValueError as error:
        return str(error)
    if view.option("keep_dims", default=False):
        return expect(view, tuple(1 if i in axes else size for i, size in enumerate(shape)))
    return expect(view, tuple(size for i, size in enumerate(shape) if i not in axes))


def _mean(view: View) -> layers.Mean:
    source, output, axes = view.tensor(0), view.output, axes_of(view)
    count = 1
    for axis in axes:
        count *= source.shape[axis]
    factor = q.mean_multiplier(source.quantisation.scale, output.quantisation.scale, count)
    return layers.Mean(
        **common(view),
        input_shape=source.shape,
        axes=axes,
        input_offset=-source.quantisation.zero_point,
        output_offset=output.quantisation.zero_point,
        multiplier=factor.multiplier,
        shift=factor.shift,
    )


def _mean_reference(layer: layers.Mean, source: NDArray[Any]) -> Words:
    values = source.reshape(layer.input_shape).astype(np.int64) + layer.input_offset
    sums = values.sum(axis=layer.axes)
    scaled = requantise(sums, layer.multiplier, layer.shift) + layer.output_offset
    clamped: Words = np.clip(scaled, -128, 127)
    return clamped


_AXES = Input(INT32, constant=True, scales="none")

OPERATORS = (Operator("MEAN", Rule((Input(), _AXES)), _mean, _mean_reference, reduction_problem),)
