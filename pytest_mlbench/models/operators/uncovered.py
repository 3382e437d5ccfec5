"""An operator that the catalogue does not cover, as a layer for a library that supports it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .layers import Layer
from .view import OperatorView

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.models.tflite.graph import Graph, Operator, Tensor

    Reference = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class UncoveredLayer(Layer):
    """A custom operator (`kind` is its name), or a form of a builtin one that is not covered.

    operator  its options; those of a custom operator are bytes, in `custom_options`
    sources   all its input tensors (shape, type, scale, values of constants); None if absent
    results   its output tensors
    why       why the catalogue does not cover it
    """

    operator: Operator
    sources: tuple[Tensor | None, ...]
    results: tuple[Tensor, ...]
    why: str


def uncovered(graph: Graph, operator: Operator, why: str) -> UncoveredLayer:
    """The layer of `operator`, which belongs to `graph`."""
    view = OperatorView.of(graph, operator)
    return UncoveredLayer(
        index=operator.index,
        kind=operator.kind,
        inputs=tuple(index for index in operator.inputs if index >= 0),
        outputs=operator.outputs,
        macs=0,
        operator=operator,
        sources=view.inputs,
        results=view.outputs,
        why=why,
    )
