"""Variables: what is not understood about them is refused, never a traceback."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pytest_mlbench.errors import UsageError
from pytest_mlbench.models.operators.fold import fold
from pytest_mlbench.models.operators.lower import lower
from pytest_mlbench.models.operators.numpy_reference import execute
from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.models.tflite.reader import read
from pytest_mlbench.models.tflite.writer import write
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


def test_the_values_that_a_file_has_for_a_variable_do_not_count() -> None:
    build = GraphBuilder("m")
    x = build.input("x", (1,), scale=1.0, zero_point=-128)
    w = build.constant("w", np.array([-33], np.int8), scale=1.0, zero_point=-128)
    y = build.op("MUL", [x, w], [build.activation("y", (1,), scale=2048.0, zero_point=-128)])
    graph = build.finish([y])
    marked = tuple(replace(tensor, variable=tensor.index == w) for tensor in graph.tensors)
    data = write(replace(graph, tensors=marked))

    found = read(data)

    assert found.tensors[w].variable
    assert found.tensors[w].data is None
    samples = [[bytes([value])] for value in (0, 100, 127, 200)]
    outputs = execute(found, samples)
    assert outputs == ((b"\x80",),) * 4, "the zero point, whatever the input"
    runtime = pytest.importorskip("tflite_micro.python.tflite_micro.runtime")
    interpreter = runtime.Interpreter.from_bytes(data)
    for (sample,), row in zip(samples, outputs, strict=True):
        interpreter.set_input(np.frombuffer(sample, np.int8), 0)
        interpreter.invoke()
        assert interpreter.get_output(0).tobytes() == row[0]
