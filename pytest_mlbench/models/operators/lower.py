"""From a graph's operators to layers: everything resolved that is known at build time."""

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
    """One layer per operator, None for those that change no byte or were computed by `fold`.

    `graph` is what `fold` returned. Raises UsageError naming every operator that is not
    covered; `where` names the model in it.
    """
    lowered, found = lower_all(graph)
    if found:
        raise refusal(graph, found, where=where)
    return lowered


def lower_all(graph: Graph) -> tuple[tuple[layers.Layer | None, ...], dict[int, str]]:
    """As `lower`, but what is not covered is returned: operator's place -> a clause."""
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
