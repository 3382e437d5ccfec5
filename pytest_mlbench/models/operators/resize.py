"""RESIZE_BILINEAR, in integers with 10 fractional bits like the interpreter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .layers import Layer
from .operator import Operator
from .picked import resize_problem
from .rules import Input, Rule
from .view import common
from .window import image_shape

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import OperatorView

BITS = 10


@dataclass(frozen=True, eq=False)
class ResizeBilinear(Layer):
    """Output row y is interpolated between the input rows `rows[y][0]` and `rows[y][1]`, with
    weight `rows[y][2]` / 1024 for the second; columns alike. int32 [rows or columns, 3]; NHWC."""

    input_shape: tuple[int, int, int, int]
    output_shape: tuple[int, int, int, int]
    rows: NDArray[np.int32]
    columns: NDArray[np.int32]


def _steps(size: int, count: int, *, corners: bool, centres: bool) -> NDArray[np.int32]:
    one = 1 << BITS
    scale = (one * size + count // 2) // count
    if corners and count > 1:
        scale = (one * (size - 1) + (count - 1) // 2) // (count - 1)
    rows = []
    for place in range(count):
        at = place * scale + (scale // 2 - one // 2 if centres else 0)
        low = max(int(at / one), 0)
        high = min(int((at + one - 1) / one), size - 1)
        rows.append((low, high, at - one * low))
    return np.array(rows, np.int32)


def _lower(view: OperatorView) -> ResizeBilinear:
    source, output = image_shape(view.tensor(0)), image_shape(view.output)
    how = {
        "corners": view.option("align_corners", default=False),
        "centres": view.option("half_pixel_centers", default=False),
    }
    return ResizeBilinear(
        **common(view),
        input_shape=source,
        output_shape=output,
        rows=_steps(source[1], output[1], **how),
        columns=_steps(source[2], output[2], **how),
    )


def _reference(layer: ResizeBilinear, source: NDArray[Any]) -> NDArray[np.int64]:
    one = 1 << BITS
    values = source.reshape(layer.input_shape).astype(np.int64)
    low, high, part = layer.rows.astype(np.int64).T
    part = part[:, None, None]
    tall = values[:, low] * (one - part) + values[:, high] * part
    left, right, share = layer.columns.astype(np.int64).T
    share = share[:, None]
    wide = tall[:, :, left] * (one - share) + tall[:, :, right] * share
    half = np.where(wide > 0, one * one // 2, -(one * one // 2))
    result: NDArray[np.int64] = np.trunc((wide + half) / (one * one)).astype(np.int64)
    return result


_SIZE = Input(("int32",), constant=True, scales="none")

OPERATORS = (
    Operator(
        "RESIZE_BILINEAR",
        Rule((Input(scales="raw"), _SIZE)),
        _lower,
        _reference,
        resize_problem,
    ),
)
