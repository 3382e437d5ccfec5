"""GATHER, GATHER_ND and EMBEDDING_LOOKUP: take slices by indices, which may be computed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlbench.models.tflite.graph import ITEM_SIZE

from .constants import axis_of
from .layers import Layer
from .operator import Operator
from .rules import INT32, Input, Rule, copied
from .shapes import expect
from .strided import dense_steps
from .view import common, dims

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import OperatorView

MAX_DEPTH = 6
"""The most dimensions that an index of GATHER_ND may have (MLBENCH_MAX_DIMS)."""


@dataclass(frozen=True, eq=False)
class Gather(Layer):
    """For each of `batches` and each of `outer` blocks: a slice of `run` bytes for each of `count`
    indices. Indices are below `size`; an index outside is undefined in TensorFlow Lite, and is
    clamped here."""

    batches: int
    outer: int
    size: int
    count: int
    run: int


@dataclass(frozen=True, eq=False)
class GatherNd(Layer):
    """`count` slices of `run` bytes. An index has one number per entry of `sizes`; `steps` are the
    bytes per step in these dimensions. Indices outside `sizes` are clamped."""

    count: int
    sizes: tuple[int, ...]
    steps: tuple[int, ...]
    run: int


def _places(view: OperatorView) -> tuple[int, int]:
    """Axis and number of batch dimensions, both non-negative. Raises ValueError."""
    shape, indices = view.tensor(0).shape, view.tensor(1).shape
    axis = axis_of(view.option("axis", 0), len(shape))
    batch = int(view.option("batch_dims", 0))
    batch += len(indices) if batch < 0 else 0
    if not 0 <= batch <= min(axis, len(indices)):
        raise ValueError(f"{batch} batch dimensions along axis {axis}")
    return axis, batch


def _problem(view: OperatorView) -> str:
    shape, indices = view.tensor(0).shape, view.tensor(1).shape
    try:
        axis, batch = _places(view)
    except ValueError as error:
        return str(error)
    if shape[:batch] != indices[:batch]:
        return "its batch dimensions differ"
    return expect(view, (*shape[:axis], *indices[batch:], *shape[axis + 1 :]))


def _gather(view: OperatorView) -> Gather:
    shape, indices = view.tensor(0).shape, view.tensor(1).shape
    axis, batch = _places(view)
    return Gather(
        **common(view, 0, 1),
        batches=math.prod(shape[:batch]),
        outer=math.prod(shape[batch:axis]),
        size=shape[axis],
        count=math.prod(indices[batch:]),
        run=math.prod(shape[axis + 1 :]) * ITEM_SIZE[view.output.dtype],
    )


def _gather_reference(layer: Gather, source: NDArray[Any], indices: NDArray[Any]) -> NDArray[Any]:
    flat = np.ascontiguousarray(source).reshape(-1).view(np.uint8)
    blocks = flat.reshape(layer.batches, layer.outer, layer.size, layer.run)
    rows = np.clip(indices.reshape(layer.batches, layer.count), 0, layer.size - 1)
    picked = np.stack([blocks[batch][:, rows[batch]] for batch in range(layer.batches)])
    result: NDArray[Any] = picked.reshape(-1).view(source.dtype)
    return result


def _lookup_problem(view: OperatorView) -> str:
    rows, shape = view.tensor(0).shape, view.tensor(1).shape
    if len(rows) != 1 or len(shape) < 2:
        return f"{dims(rows)} indices into {dims(shape)}, expected 1 and at least 2 dimensions"
    return expect(view, (*rows, *shape[1:]))


def _lookup(view: OperatorView) -> Gather:
    """EMBEDDING_LOOKUP: rows of the second input, a table."""
    shape = view.tensor(1).shape
    return Gather(
        **common(view, 1, 0),
        batches=1,
        outer=1,
        size=shape[0],
        count=view.tensor(0).elements,
        run=math.prod(shape[1:]) * ITEM_SIZE[view.output.dtype],
    )


def _nd_problem(view: OperatorView) -> str:
    shape, indices = view.tensor(0).shape, view.tensor(1).shape
    depth = indices[-1] if indices else 0
    if not 0 < depth <= min(len(shape), MAX_DEPTH):
        return f"indices of {depth} numbers into {len(shape)} dimensions"
    return expect(view, (*indices[:-1], *shape[depth:]))


def _gather_nd(view: OperatorView) -> GatherNd:
    shape, indices = view.tensor(0).shape, view.tensor(1).shape
    depth, item = indices[-1], ITEM_SIZE[view.output.dtype]
    return GatherNd(
        **common(view, 0, 1),
        count=math.prod(indices[:-1]),
        sizes=shape[:depth],
        steps=tuple(step * item for step in dense_steps(shape)[:depth]),
        run=math.prod(shape[depth:]) * item,
    )


def _nd_reference(layer: GatherNd, source: NDArray[Any], indices: NDArray[Any]) -> NDArray[Any]:
    flat = np.ascontiguousarray(source).reshape(-1).view(np.uint8)
    rows = np.clip(indices.reshape(layer.count, -1), 0, np.array(layer.sizes) - 1)
    places = rows.astype(np.int64) @ np.array(layer.steps)
    picked = flat[places[:, None] + np.arange(layer.run)]
    result: NDArray[Any] = picked.reshape(-1).view(source.dtype)
    return result


_TYPES = ("int8", "float32")
_INDICES = Input(INT32, scales="none")
_RULE = Rule((copied(*_TYPES), _INDICES), _TYPES, quantised=False)

OPERATORS = (
    Operator(
        "EMBEDDING_LOOKUP",
        Rule((_INDICES, copied(*_TYPES)), _TYPES, quantised=False),
        _lookup,
        _gather_reference,
        _lookup_problem,
    ),
    Operator("GATHER", _RULE, _gather, _gather_reference, _problem),
    Operator("GATHER_ND", _RULE, _gather_nd, _nd_reference, _nd_problem),
)
