"""SPACE_TO_BATCH_ND: pads an image; each position in a block becomes a separate image."""

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
from .shapes import expect
from .view import common, dims

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import OperatorView


@dataclass(frozen=True, eq=False)
class SpaceToBatch(Layer):
    """Shapes are NHWC (width 1 for rows). Output image (i * block_w + j) * batches + n holds the
    pixels at (i, j) of every block of image n. `padding` counts rows above and columns to the left;
    `value` fills them: TensorFlow Lite Micro pads with the stored value 0.
    `item`: bytes per element."""

    input_shape: tuple[int, int, int, int]
    output_shape: tuple[int, int, int, int]
    block: tuple[int, int]
    padding: tuple[int, int]
    value: int
    item: int


def _problem(view: OperatorView) -> str:
    shape, block, amounts = view.tensor(0).shape, integers(view, 1), integers(view, 2)
    spatial = len(shape) - 2
    if spatial not in (1, 2) or len(block) != spatial or len(amounts) != 2 * spatial:
        return f"blocks and paddings do not fit an input {dims(shape)}"
    sizes = [
        shape[1 + place] + amounts[2 * place] + amounts[2 * place + 1] for place in range(spatial)
    ]
    if min(block) < 1 or min(amounts) < 0:
        return f"blocks {list(block)} and paddings {list(amounts)}"
    if any(size % one for size, one in zip(sizes, block, strict=True)):
        return f"{dims(tuple(sizes))} is not made of blocks of {dims(block)}"
    counts = [size // one for size, one in zip(sizes, block, strict=True)]
    return expect(view, (shape[0] * math.prod(block), *counts, shape[-1]))


def _image(shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    batch, height, channels = shape[0], shape[1], shape[-1]
    return batch, height, shape[2] if len(shape) == 4 else 1, channels


def _lower(view: OperatorView) -> SpaceToBatch:
    block, amounts = integers(view, 1), integers(view, 2)
    return SpaceToBatch(
        **common(view),
        input_shape=_image(view.tensor(0).shape),
        output_shape=_image(view.output.shape),
        block=(block[0], block[1] if len(block) == 2 else 1),
        padding=(amounts[0], amounts[2] if len(block) == 2 else 0),
        value=0,
        item=ITEM_SIZE[view.output.dtype],
    )


def _reference(layer: SpaceToBatch, source: NDArray[Any]) -> NDArray[Any]:
    batch, height, width, channels = layer.input_shape
    _, rows, columns, _ = layer.output_shape
    high, wide = layer.block
    padded = np.full((batch, rows * high, columns * wide, channels), layer.value, source.dtype)
    top, left = layer.padding
    padded[:, top : top + height, left : left + width] = source.reshape(layer.input_shape)
    blocks = padded.reshape(batch, rows, high, columns, wide, channels)
    return blocks.transpose(2, 4, 0, 1, 3, 5)


_TYPES = ("int8", "float32")
_NUMBERS = Input(("int32",), constant=True, scales="none")

OPERATORS = (
    Operator(
        "SPACE_TO_BATCH_ND",
        Rule((copied(*_TYPES), _NUMBERS, _NUMBERS), _TYPES, quantised=False),
        _lower,
        _reference,
        _problem,
    ),
)
