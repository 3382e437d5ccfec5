"""The sentence on the first operator that differs. Pure."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_models import dense

from pytest_mlbench.measure.bisect import first_difference, operator_outputs
from pytest_mlbench.models.tflite.builder import GraphBuilder

GRAPH = dense().finish([3])
ROW = {"index": 0, "kernel": "fully_connected", "library": "mine"}


def told(got, expected):
    assert operator_outputs(GRAPH) == GRAPH.outputs
    return first_difference(GRAPH, [ROW], [bytes(got)], [bytes(expected)])


def test_nothing_is_said_of_equal_outputs():
    assert told([1, 2, 3, 4], [1, 2, 3, 4]) == ""


@pytest.mark.parametrize(
    ("got", "extent"),
    [
        ([1, 9, 3, 4], "1 of 4 values, the largest difference is 7, the first at [0, 1]: got 9, "),
        ([1, 255, 0, 4], "2 of 4 values, the largest difference is 3, the first at [0, 1]: got -1"),
    ],
)
def test_the_first_values_that_differ_are_told(got, extent):
    message = told(got, [1, 2, 3, 4])

    assert message.startswith(
        "The first layer that differs is operator 0 FULLY_CONNECTED 1x4 (fully_connected of mine): "
    )
    assert extent in message
    assert message.endswith("expected 2" if got[2] == 3 else "got -1, 0, expected 2, 3")


def test_many_values_are_cut_and_no_number_differs_from_a_number():
    build = GraphBuilder("float")
    x = build.input("x", (1, 6), "float32")
    y = build.op("ABS", [x], [build.activation("y", (1, 6), "float32")])
    graph = build.finish([y])
    wanted = np.zeros(6, "<f4")
    found = np.array([0, np.nan, 1, 2, 3, 4], "<f4")

    message = first_difference(graph, [], [found.tobytes()], [wanted.tobytes()])

    assert "5 of 6 values, the largest difference is nan, the first at [0, 1]: " in message
    assert message.endswith("got nan, 1, 2, 3, ..., expected 0, 0, 0, 0, ...")
