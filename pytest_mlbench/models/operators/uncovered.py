"""An operator that the catalogue does not cover, as a layer for a kernel library that brings it."""

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

    `operator` has its options, a custom one's bytes as `custom_options`; `sources` are all inputs,
    None where one is absent, `results` the outputs: shapes, types, scales, constants' values. Data
    flows through all inputs that are there. `why`: what is in the way of covering it.
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
