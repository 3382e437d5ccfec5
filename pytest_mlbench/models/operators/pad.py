"""PAD and PADV2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import layers
from .operator import Operator
from .rules import INT32, Input, Rule
from .shapes import MAX_KERNEL_RANK, expect
from .view import common, dims

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import OperatorView


def _problem(view: OperatorView) -> str:
    shape, amounts = view.tensor(0).shape, view.tensor(1).data
    if amounts is None or amounts.size != 2 * len(shape) or len(shape) > MAX_KERNEL_RANK:
        return f"paddings {dims(view.tensor(1).shape)} do not fit an input {dims(shape)}"
    pairs = amounts.reshape(-1, 2).astype(int).tolist()
    if min((min(pair) for pair in pairs), default=0) < 0:
        return "a negative padding"
    value = view.optional(2)
    if value is not None and value.elements != 1:
        return f"{value.elements} padding values, expected 1"
    return expect(view, tuple(size + sum(pair) for size, pair in zip(shape, pairs, strict=True)))


@dataclass(frozen=True, eq=False)
class PadItems(layers.Pad):
    """PAD and PADV2 of elements of `dtype`, 2 or 4 bytes each; `value` may be a float."""

    dtype: str


def _lower(view: OperatorView) -> layers.Pad:
    amounts, value = view.tensor(1).data, view.optional(2)
    assert amounts is not None
    zero_point = view.output.quantisation.zero_point
    known: dict[str, Any] = {
        **common(view),
        "input_shape": view.tensor(0).shape,
        "output_shape": view.output.shape,
        "before": tuple(amounts.reshape(-1, 2)[:, 0].astype(int).tolist()),
        "value": zero_point if value is None or value.data is None else value.data.item(),
    }
    if view.output.dtype == "int8":
        return layers.Pad(**known)
    return PadItems(**known, dtype=view.output.dtype)


def _reference(layer: layers.Pad, source: NDArray[Any]) -> NDArray[Any]:
    result = np.full(layer.output_shape, layer.value, source.dtype)
    place = tuple(
        slice(before, before + size)
        for before, size in zip(layer.before, layer.input_shape, strict=True)
    )
    result[place] = source.reshape(layer.input_shape)
    return result


_AMOUNTS = Input(INT32, constant=True, scales="none")
_TYPES = ("int8", "int16", "int32", "float32")
_SOURCE = Input(_TYPES, scales="raw")
_VALUE = Input(_TYPES, constant=True, scales="raw")

OPERATORS = (
    Operator("PAD", Rule((_SOURCE, _AMOUNTS), _TYPES), _lower, _reference, _problem),
    Operator("PADV2", Rule((_SOURCE, _AMOUNTS, _VALUE), _TYPES), _lower, _reference, _problem),
)
