"""Variables: what is not understood about them is refused, never a traceback."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.errors import UsageError
from pytest_mlbench.models.operators.fold import fold
from pytest_mlbench.models.operators.lower import lower
from pytest_mlbench.testing import LAYERS
from pytest_mlbench.testing.profiles import draw_layers

if TYPE_CHECKING:
    from pytest_mlbench.models.tflite.graph import Graph


def _graph() -> Graph:
    return draw_layers(LAYERS["READ_VARIABLE"], 1)[0].graph


def _changed(kind: str, **changes: object) -> Graph:
    graph = _graph()
    operators = tuple(replace(op, **changes) if op.kind == kind else op for op in graph.operators)
    return replace(graph, operators=operators)


def test_the_layer_as_it_is_drawn_is_covered() -> None:
    assert any(layer is not None for layer in lower(fold(_graph())))


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("READ_VARIABLE", {"inputs": ()}),
        ("READ_VARIABLE", {"inputs": (-1,)}),
        ("READ_VARIABLE", {"inputs": (0,)}),
        ("ASSIGN_VARIABLE", {"inputs": ()}),
        ("ASSIGN_VARIABLE", {"inputs": (-1, 0)}),
        ("VAR_HANDLE", {"outputs": ()}),
    ],
)
def test_odd_variables_are_refused(kind: str, changes: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=r"VARIABLE|VAR_HANDLE"):
        lower(fold(_changed(kind, **changes)))


def test_a_handle_is_no_output() -> None:
    graph = _graph()
    (handle,) = next(op.outputs for op in graph.operators if op.kind == "VAR_HANDLE")
    with pytest.raises(UsageError, match="VAR_HANDLE"):
        lower(fold(replace(graph, outputs=(handle,))))
