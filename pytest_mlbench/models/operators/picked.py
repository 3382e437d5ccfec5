"""RESIZE_NEAREST_NEIGHBOR, MIRROR_PAD and BATCH_TO_SPACE_ND: each output element is an input
element whose offset is a sum of one number per dimension. One kernel adds numbers from tables."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlbench.models.tflite.graph import ITEM_SIZE

from .constants import integers
from .layers import Layer
from .operator import Operator
from .rules import Input, Rule, copied
from .shapes import MAX_KERNEL_RANK, expect, expect_rank
from .strided import dense_steps
from .view import common, dims

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import OperatorView


@dataclass(frozen=True, eq=False)
class Pick(Layer):
    """The output has one dimension per table, and consists of runs of `run` contiguous bytes.

    The run at index (i, j, ...) begins at byte tables[0][i] + tables[1][j] + ... of the input.
    Tables are int32.
    """

    tables: tuple[NDArray[np.int32], ...]
    run: int


def _pick(view: OperatorView, tables: list[list[int]], run: int) -> Pick:
    """`tables` and `run` in elements."""
    item = ITEM_SIZE[view.output.dtype]
    return Pick(
        **common(view),
        tables=tuple(np.array(table, np.int32) * np.int32(item) for table in tables),
        run=run * item,
    )


def _reference(layer: Pick, source: NDArray[Any]) -> NDArray[Any]:
    flat = np.ascontiguousarray(source).reshape(-1).view(np.uint8)
    places = np.zeros((1,), np.int64)
    for table in layer.tables:
        places = (places[:, None] + table).reshape(-1)
    picked = flat[places[:, None] + np.arange(layer.run)]
    result: NDArray[Any] = picked.reshape(-1).view(source.dtype)
    return result


def nearest(count: int, size: int, *, align: bool, centres: bool) -> list[int]:
    """The index (below `size`) of the input for each of `count` outputs, computed in float32 like
    the interpreter."""
    one = np.float32
    scale = one(size - 1) / one(count - 1) if align and count > 1 else one(size) / one(count)
    indices = []
    for place in range(count):
        at = (one(place) + one(0.5 if centres else 0)) * scale
        nearest_one = math.floor(float(at) + 0.5) if align else math.floor(float(at))
        indices.append(max(0, min(nearest_one, size - 1)))
    return indices


def resize_problem(view: OperatorView) -> str:
    """What is wrong with an image and its new size; empty if nothing is."""
    problem = expect_rank(view, 4, 0)
    if problem:
        return problem
    batch, _, _, channels = view.tensor(0).shape
    size = integers(view, 1)
    if len(size) != 2 or min(size) < 1:
        return f"a size of {list(size)}"
    return expect(view, (batch, *size, channels))


def _resize_nearest(view: OperatorView) -> Pick:
    batch, height, width, channels = view.tensor(0).shape
    _, rows, columns, _ = view.output.shape
    how = {
        "align": view.option("align_corners", default=False),
        "centres": view.option("half_pixel_centers", default=False),
    }
    return _pick(
        view,
        [
            [image * height * width * channels for image in range(batch)],
            [row * width * channels for row in nearest(rows, height, **how)],
            [column * channels for column in nearest(columns, width, **how)],
        ],
        channels,
    )


def _mirror_problem(view: OperatorView) -> str:
    shape, amounts = view.tensor(0).shape, integers(view, 1)
    if len(amounts) != 2 * len(shape) or len(shape) > MAX_KERNEL_RANK:
        return f"paddings {list(amounts)} do not fit an input {dims(shape)}"
    pairs = list(zip(amounts[::2], amounts[1::2], strict=True))
    edge = 1 if view.option("mode") == "REFLECT" else 0
    if any(
        not 0 <= one <= size - edge for size, pair in zip(shape, pairs, strict=True) for one in pair
    ):
        return f"paddings {list(amounts)} reach beyond an input {dims(shape)}"
    return expect(view, tuple(size + sum(pair) for size, pair in zip(shape, pairs, strict=True)))


def _mirror_pad(view: OperatorView) -> Pick:
    shape, amounts = view.tensor(0).shape, integers(view, 1)
    edge = 1 if view.option("mode") == "REFLECT" else 0
    tables = []
    for size, before, after, step in zip(
        shape, amounts[::2], amounts[1::2], dense_steps(shape), strict=True
    ):
        places = [
            *range(before - 1 + edge, edge - 1, -1),
            *range(size),
            *range(size - 1 - edge, size - 1 - edge - after, -1),
        ]
        tables.append([place * step for place in places])
    return _pick(view, tables, 1)


def _batch_to_space_problem(view: OperatorView) -> str:
    shape, block, crops = view.tensor(0).shape, integers(view, 1), integers(view, 2)
    spatial = len(shape) - 2
    if spatial not in (1, 2) or len(block) != spatial or len(crops) != 2 * spatial:
        return f"blocks and crops do not fit an input {dims(shape)}"
    if min(block) < 1 or min(crops) < 0 or shape[0] % math.prod(block):
        return f"blocks {list(block)} and crops {list(crops)} do not fit an input {dims(shape)}"
    sizes = [
        shape[1 + place] * block[place] - crops[2 * place] - crops[2 * place + 1]
        for place in range(spatial)
    ]
    if min(sizes) < 1:
        return f"crops {list(crops)} leave nothing"
    return expect(view, (shape[0] // math.prod(block), *sizes, shape[-1]))


def _batch_to_space(view: OperatorView) -> Pick:
    shape, block, crops = view.tensor(0).shape, integers(view, 1), integers(view, 2)
    batches, steps = view.output.shape[0], dense_steps(shape)
    tables = [[image * steps[0] for image in range(batches)]]
    for place, size in enumerate(view.output.shape[1:-1]):
        # The number of images between neighbours in a block along this dimension.
        apart = math.prod(block[place + 1 :]) * batches * steps[0]
        at = [index + crops[2 * place] for index in range(size)]
        tables.append(
            [one % block[place] * apart + one // block[place] * steps[1 + place] for one in at]
        )
    return _pick(view, tables, shape[-1])


_REARRANGED = ("int8", "float32")
_RESIZED = ("int8", "int16", "float32")
_NUMBERS = Input(("int32", "int64"), constant=True, scales="none")

OPERATORS = (
    Operator(
        "BATCH_TO_SPACE_ND",
        Rule((copied(*_REARRANGED), _NUMBERS, _NUMBERS), _REARRANGED, quantised=False),
        _batch_to_space,
        _reference,
        _batch_to_space_problem,
    ),
    Operator(
        "MIRROR_PAD",
        Rule((copied(*_REARRANGED), _NUMBERS), _REARRANGED, quantised=False),
        _mirror_pad,
        _reference,
        _mirror_problem,
    ),
    Operator(
        "RESIZE_NEAREST_NEIGHBOR",
        Rule((copied(*_RESIZED), _NUMBERS), _RESIZED, quantised=False),
        _resize_nearest,
        _reference,
        resize_problem,
    ),
)
