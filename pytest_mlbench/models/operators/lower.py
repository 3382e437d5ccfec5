"""Lowers a graph's operators to layers, which resolve everything known at build time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .arithmetic import NotRepresentable
from .catalogue import OPERATORS
from .coverage import folded, problems, refusal
from .view import OperatorView

if TYPE_CHECKING:
    from pytest_mlbench.models.tflite.graph import Graph

    from . import layers


def lower(graph: Graph, *, where: str = "") -> tuple[layers.Layer | None, ...]:
    """One layer per operator; None for operators that change no byte or were computed by `fold`.

    `graph` must come from `fold`. Raises UsageError that names every unsupported operator; `where`
    names the model in the error.
    """
    lowered, found = lower_all(graph)
    if found:
        raise refusal(graph, found, where=where)
    return lowered


def lower_all(graph: Graph) -> tuple[tuple[layers.Layer | None, ...], dict[int, str]]:
    """As `lower`, but returns the problems too: operator index -> a clause."""
    found = problems(graph)
    lowered: list[layers.Layer | None] = []
    for operator in graph.operators:
        gone = operator.index in found or folded(graph, operator)
        make = None if gone else OPERATORS[operator.kind].lower
        layer = None
        if make is not None:
            try:
                layer = make(OperatorView.of(graph, operator))
            except NotRepresentable as error:
                found[operator.index] = str(error)
        lowered.append(layer)
    return tuple(lowered), found
