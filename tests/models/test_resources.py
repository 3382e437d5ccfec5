"""Resources, the handles of variables, where a model must not have them."""

from __future__ import annotations

import pytest

from pytest_mlbench.errors import UsageError
from pytest_mlbench.models.samples import seeded
from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.models.tflite.reader import read
from pytest_mlbench.models.tflite.writer import write


def test_a_resource_as_an_input_has_no_samples() -> None:
    build = GraphBuilder("resource")
    handle = build.input("handle", (1,), "resource")
    y = build.op("READ_VARIABLE", [handle], [build.activation("y", (1, 4), scale=1.0)])
    graph = read(write(build.finish([y])), where="m.tflite")
    with pytest.raises(UsageError, match="input 'handle' is a resource, which has no values"):
        seeded(graph, "0" * 64)


def test_a_resource_that_no_operator_makes_is_refused() -> None:
    build = GraphBuilder("resource")
    handle = build.activation("handle", (1,), "resource")
    y = build.op("READ_VARIABLE", [handle], [build.activation("y", (1, 4), scale=1.0)])
    data = write(build.finish([y]))
    with pytest.raises(UsageError, match="'handle' is a resource that no operator makes"):
        read(data, where="m.tflite")
