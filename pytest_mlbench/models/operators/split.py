"""SPLIT, SPLIT_V and UNPACK divide a tensor along an axis; PACK stacks tensors along a new axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlbench.models.tflite.graph import ITEM_SIZE

from . import layers
from .constants import axis_of, integers
from .layers import Layer
from .operator import Operator
from .rules import Input, Rule, copied
from .shapes import expect
from .view import common, dims

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import OperatorView


@dataclass(frozen=True, eq=False)
class Split(Layer):
    """Divides `input_shape` along `axis` into pieces of `sizes`. `item`: bytes per element."""

    input_shape: tuple[int, ...]
    axis: int
    sizes: tuple[int, ...]
    item: int


def _split_axis(view: OperatorView) -> int:
    position = 0 if view.kind == "SPLIT" else 2
    return axis_of(integers(view, position)[0], len(_whole(view)))


def _whole(view: OperatorView) -> tuple[int, ...]:
    return view.tensor(1 if view.kind == "SPLIT" else 0).shape


def _split_problem(view: OperatorView) -> str:
    shape, count = _whole(view), len(view.outputs)
    position = 0 if view.kind == "SPLIT" else 2
    if len(integers(view, position)) != 1:
        return f"{len(integers(view, position))} axes, expected 1"
    try:
        axis = _split_axis(view)
    except ValueError as error:
        return str(error)
    if view.kind == "SPLIT":
        sizes: tuple[int, ...] = (shape[axis] // count,) * count
    else:
        sizes = integers(view, 1)
        if sizes.count(-1) == 1:
            rest = shape[axis] - sum(sizes) - 1
            sizes = tuple(rest if size == -1 else size for size in sizes)
    if len(sizes) != count or min(sizes) < 1 or sum(sizes) != shape[axis]:
        return f"{shape[axis]} along axis {axis} cannot be cut into {count} pieces {list(sizes)}"
    for output, size in zip(view.outputs, sizes, strict=True):
        wanted = (*shape[:axis], size, *shape[axis + 1 :])
        if output.shape != wanted:
            return f"an output is {dims(output.shape)}, expected {dims(wanted)}"
    return ""


def _split(view: OperatorView) -> Split:
    axis = _split_axis(view)
    return Split(
        **common(view, 1 if view.kind == "SPLIT" else 0),
        input_shape=_whole(view),
        axis=axis,
        sizes=tuple(output.shape[axis] for output in view.outputs),
        item=ITEM_SIZE[view.output.dtype],
    )


def _unpack_problem(view: OperatorView) -> str:
    shape, count = view.tensor(0).shape, len(view.outputs)
    try:
        axis = axis_of(view.option("axis"), len(shape))
    except ValueError as error:
        return str(error)
    if shape[axis] != count:
        return f"{shape[axis]} along axis {axis} cannot become {count} outputs"
    wanted = shape[:axis] + shape[axis + 1 :]
    if any(output.shape != wanted for output in view.outputs):
        return f"an output is not {dims(wanted)}"
    return ""


def _unpack(view: OperatorView) -> Split:
    shape = view.tensor(0).shape
    return Split(
        **common(view),
        input_shape=shape,
        axis=axis_of(view.option("axis"), len(shape)),
        sizes=(1,) * len(view.outputs),
        item=ITEM_SIZE[view.output.dtype],
    )


def _reference(layer: Split, source: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    cuts = np.cumsum(layer.sizes)[:-1]
    return tuple(np.split(source.reshape(layer.input_shape), cuts, axis=layer.axis))


def _pack_problem(view: OperatorView) -> str:
    shapes = {view.tensor(position).shape for position in range(len(view.inputs))}
    if len(shapes) != 1:
        return f"inputs {', '.join(map(dims, sorted(shapes)))} do not stack"
    (shape,) = shapes
    try:
        axis = axis_of(view.option("axis"), len(shape) + 1)
    except ValueError as error:
        return str(error)
    return expect(view, (*shape[:axis], len(view.inputs), *shape[axis:]))


def _pack(view: OperatorView) -> layers.Concatenation:
    shape = view.tensor(0).shape
    axis = axis_of(view.option("axis"), len(shape) + 1)
    positions = range(len(view.inputs))
    return layers.Concatenation(
        **common(view, *positions),
        input_shapes=((*shape[:axis], 1, *shape[axis:]),) * len(positions),
        output_shape=view.output.shape,
        axis=axis,
        item=ITEM_SIZE[view.output.dtype],
    )


def pack_reference(layer: layers.Concatenation, *inputs: NDArray[Any]) -> NDArray[Any]:
    """The numpy reference of PACK and CONCATENATION."""
    parts = [data.reshape(shape) for data, shape in zip(inputs, layer.input_shapes, strict=True)]
    return np.concatenate(parts, axis=layer.axis)


_PIECES = ("int8", "int16", "int32", "float32")
_PACKED = ("int8", "int16", "int32", "int64", "float32")
_SOURCE = copied(*_PIECES)
_NUMBERS = Input(("int32", "int64"), constant=True, scales="none")

OPERATORS = (
    Operator(
        "PACK",
        Rule((copied(*_PACKED),), _PACKED, repeated=True, quantised=False),
        _pack,
        pack_reference,
        _pack_problem,
    ),
    Operator(
        "SPLIT",
        Rule((_NUMBERS, _SOURCE), _PIECES, quantised=False, many=True),
        _split,
        _reference,
        _split_problem,
    ),
    Operator(
        "SPLIT_V",
        Rule((_SOURCE, _NUMBERS, _NUMBERS), _PIECES, quantised=False, many=True),
        _split,
        _reference,
        _split_problem,
    ),
    Operator(
        "UNPACK",
        Rule((_SOURCE,), _PIECES, quantised=False, many=True),
        _unpack,
        _reference,
        _unpack_problem,
    ),
)
