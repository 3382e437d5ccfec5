"""STRIDED_SLICE, SLICE, TRANSPOSE, REVERSE_V2, BROADCAST_TO, SPACE_TO_DEPTH and DEPTH_TO_SPACE.

These reorder, select or repeat elements of the input; one kernel goes over the input by steps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlbench.models.tflite.graph import ITEM_SIZE

from .constants import integers
from .layers import Layer
from .operator import Operator
from .rules import MOVED, Input, Rule, copied
from .shapes import MAX_KERNEL_RANK, expect
from .view import common, dims

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import OperatorView


@dataclass(frozen=True, eq=False)
class StridedCopy(Layer):
    """The output is dense with dimensions `sizes`. The input begins at element `first`, and moves
    by `steps[i]` elements for each step along dimension i. `item`: bytes per element."""

    sizes: tuple[int, ...]
    steps: tuple[int, ...]
    first: int
    item: int


def dense_steps(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Elements per step in each dimension of a dense tensor."""
    return tuple(math.prod(shape[place + 1 :]) for place in range(len(shape)))


def _copy(
    view: OperatorView, sizes: tuple[int, ...], steps: tuple[int, ...], first: int = 0
) -> StridedCopy:
    return StridedCopy(
        **common(view), sizes=sizes, steps=steps, first=first, item=ITEM_SIZE[view.output.dtype]
    )


def _reference(layer: StridedCopy, source: NDArray[Any]) -> NDArray[Any]:
    flat = np.ascontiguousarray(source).reshape(-1)
    places = np.full((1,), layer.first, np.int64)
    for size, step in zip(layer.sizes, layer.steps, strict=True):
        places = (places[:, None] + np.arange(size) * step).reshape(-1)
    return flat[places]


def _ranges(view: OperatorView) -> list[tuple[int, int, int]]:
    """STRIDED_SLICE: start, count and stride per dimension.

    As in TensorFlow's strided_slice, an end that is masked or beyond the tensor is the tensor's
    end.
    """
    begin, end, stride = (integers(view, position) for position in (1, 2, 3))
    ranges = []
    for place, size in enumerate(view.tensor(0).shape):
        step = stride[place] if place < len(stride) else 1
        low, high = (0, size) if step > 0 else (-1, size - 1)
        first, last = (0, size) if step > 0 else (size - 1, -1)
        bit = 1 << place
        if place < len(begin) and not view.option("begin_mask", 0) & bit:
            first = begin[place] + (size if begin[place] < 0 else 0)
            first = min(max(first, low), high)
        if view.option("shrink_axis_mask", 0) & bit:
            ranges.append((first, int(0 <= first < size), 1))
            continue
        if place < len(end) and not view.option("end_mask", 0) & bit:
            last = end[place]
            if view.option("offset", default=False):
                last += first
            elif last < 0:
                last += size
            last = min(max(last, low), high)
        ranges.append((first, max(0, -(-(last - first) // step)), step))
    return ranges


def _strided_slice_problem(view: OperatorView) -> str:
    rank = len(view.tensor(0).shape)
    lengths = {len(integers(view, position)) for position in (1, 2, 3)}
    if len(lengths) != 1 or max(lengths) > rank or rank > MAX_KERNEL_RANK:
        return f"begins, ends and strides do not fit an input {dims(view.tensor(0).shape)}"
    if 0 in integers(view, 3):
        return "a stride of 0"
    for mask in ("ellipsis_mask", "new_axis_mask"):
        if view.option(mask, 0):
            return f"{mask} {view.option(mask)}, expected 0"
    ranges = _ranges(view)
    shrunk = view.option("shrink_axis_mask", 0)
    if any(count < 1 for _, count, _ in ranges):
        return "its output has no elements"
    kept = [count for place, (_, count, _) in enumerate(ranges) if not shrunk & (1 << place)]
    return expect(view, tuple(kept))


def _strided_slice(view: OperatorView) -> StridedCopy:
    ranges, steps = _ranges(view), dense_steps(view.tensor(0).shape)
    return _copy(
        view,
        tuple(count for _, count, _ in ranges),
        tuple(stride * step for (_, _, stride), step in zip(ranges, steps, strict=True)),
        sum(start * step for (start, _, _), step in zip(ranges, steps, strict=True)),
    )


def _slice_problem(view: OperatorView) -> str:
    shape, begin, size = view.tensor(0).shape, integers(view, 1), integers(view, 2)
    if not len(shape) == len(begin) == len(size) <= MAX_KERNEL_RANK:
        return f"begins and sizes do not fit an input {dims(shape)}"
    counts = tuple(
        whole - start if count == -1 else count
        for whole, start, count in zip(shape, begin, size, strict=True)
    )
    if any(
        start < 0 or count < 1 or start + count > whole
        for whole, start, count in zip(shape, begin, counts, strict=True)
    ):
        return f"a slice from {list(begin)} of {list(size)} does not lie in {dims(shape)}"
    return expect(view, counts)


def _slice(view: OperatorView) -> StridedCopy:
    steps = dense_steps(view.tensor(0).shape)
    first = sum(one * step for one, step in zip(integers(view, 1), steps, strict=True))
    return _copy(view, view.output.shape, steps, first)


def _transpose_problem(view: OperatorView) -> str:
    shape, order = view.tensor(0).shape, integers(view, 1)
    if sorted(order) != list(range(len(shape))) or len(shape) > MAX_KERNEL_RANK:
        return f"a permutation {list(order)} of {len(shape)} dimensions"
    return expect(view, tuple(shape[place] for place in order))


def _transpose(view: OperatorView) -> StridedCopy:
    steps = dense_steps(view.tensor(0).shape)
    return _copy(view, view.output.shape, tuple(steps[place] for place in integers(view, 1)))


def _broadcast_to_problem(view: OperatorView) -> str:
    shape, target = view.tensor(0).shape, integers(view, 1)
    full = (1,) * (len(target) - len(shape)) + shape
    if len(full) != len(target) or len(target) > MAX_KERNEL_RANK:
        return f"{dims(shape)} cannot become {dims(target)}"
    if any(one not in (1, other) for one, other in zip(full, target, strict=True)):
        return f"{dims(shape)} cannot become {dims(target)}"
    return expect(view, target)


def _broadcast_to(view: OperatorView) -> StridedCopy:
    shape, output = view.tensor(0).shape, view.output.shape
    full = (1,) * (len(output) - len(shape)) + shape
    steps = tuple(
        0 if size == 1 else step for size, step in zip(full, dense_steps(full), strict=True)
    )
    return _copy(view, output, steps)


def _block_problem(view: OperatorView) -> str:
    shape, block = view.tensor(0).shape, view.option("block_size")
    if len(shape) != 4:
        return f"its input is {dims(shape)}, expected 4 dimensions"
    if block < 1:
        return f"a block of {block}"
    batch, height, width, channels = shape
    if view.kind == "SPACE_TO_DEPTH":
        if height % block or width % block:
            return f"{height}x{width} is not made of blocks of {block}x{block}"
        return expect(view, (batch, height // block, width // block, channels * block * block))
    if channels % (block * block):
        return f"{channels} channels are not blocks of {block}x{block}"
    return expect(view, (batch, height * block, width * block, channels // (block * block)))


def _space_to_depth(view: OperatorView) -> StridedCopy:
    batch, height, width, channels = view.tensor(0).shape
    block = view.option("block_size")
    row = width * channels
    return _copy(
        view,
        (batch, height // block, width // block, block, block, channels),
        (height * row, block * row, block * channels, row, channels, 1),
    )


def _depth_to_space(view: OperatorView) -> StridedCopy:
    batch, height, width, channels = view.tensor(0).shape
    block = view.option("block_size")
    depth = channels // (block * block)
    row = width * channels
    return _copy(
        view,
        (batch, height, block, width, block, depth),
        (height * row, row, block * depth, channels, depth, 1),
    )


def _reverse_problem(view: OperatorView) -> str:
    shape, axes = view.tensor(0).shape, integers(view, 1)
    if len(shape) > MAX_KERNEL_RANK or any(not -len(shape) <= axis < len(shape) for axis in axes):
        return f"axes {list(axes)} of {len(shape)} dimensions"
    return expect(view, shape)


def _reverse(view: OperatorView) -> StridedCopy:
    shape, steps = view.tensor(0).shape, dense_steps(view.tensor(0).shape)
    turned = {axis % len(shape) for axis in integers(view, 1)}
    first = sum((shape[axis] - 1) * steps[axis] for axis in turned)
    moved = tuple(-step if axis in turned else step for axis, step in enumerate(steps))
    return _copy(view, shape, moved, first)


_BLOCKS = ("int8", "float32")
_SLICED = ("int8", "int16", "int32", "bool", "float32")
_TRANSPOSED = ("int8", "int16", "float32")
_INDICES = Input(("int32", "int64"), constant=True, scales="none")


def _rule(constants: int, types: tuple[str, ...] = MOVED) -> Rule:
    return Rule((copied(*types), *(_INDICES,) * constants), types, quantised=False)


OPERATORS = (
    Operator("BROADCAST_TO", _rule(1), _broadcast_to, _reference, _broadcast_to_problem),
    Operator("DEPTH_TO_SPACE", _rule(0, _BLOCKS), _depth_to_space, _reference, _block_problem),
    Operator("REVERSE_V2", _rule(1), _reverse, _reference, _reverse_problem),
    Operator("SLICE", _rule(2, _SLICED), _slice, _reference, _slice_problem),
    Operator("SPACE_TO_DEPTH", _rule(0, _BLOCKS), _space_to_depth, _reference, _block_problem),
    Operator(
        "STRIDED_SLICE", _rule(3, _SLICED), _strided_slice, _reference, _strided_slice_problem
    ),
    Operator("TRANSPOSE", _rule(1, _TRANSPOSED), _transpose, _reference, _transpose_problem),
)
