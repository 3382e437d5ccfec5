"""The sentence on the first operator that differs. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from tiny_models import dense

from pytest_mlbench.measure.bisect import first_difference, operator_outputs, with_every_output
from pytest_mlbench.models.load import LoadedModel
from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.models.tflite.reader import read
from pytest_mlbench.models.tflite.writer import write

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


def test_integers_keep_all_their_digits():
    build = GraphBuilder("wide")
    x = build.input("x", (2,), "int32")
    graph = build.finish([build.op("ABS", [x], [build.activation("y", (2,), "int32")])])
    found, wanted = (np.array([1, value], "<i4").tobytes() for value in (123456789, 123456788))

    assert first_difference(graph, [{"index": 0}], [found], [wanted]) == (
        "The first layer that differs is operator 0 ABS 2: 1 of 2 values, "
        "the largest difference is 1, the first at [1]: got 123456789, expected 123456788"
    )


def test_an_output_of_another_size_and_a_model_reduced_to_one_sample():
    assert told([1, 2], [1, 2, 3, 4]).endswith(": 2 bytes, expected 4")
    data = write(GRAPH)
    model = LoadedModel("dense", data, "-", GRAPH, ((b"0" * 8,), (b"1" * 8,)), note="kept")

    reduced = with_every_output(model, 1)

    assert reduced.samples == ((b"1" * 8,),)
    assert reduced.graph.outputs == GRAPH.outputs
    assert (reduced.name, reduced.note) == ("dense", "kept")
    assert reduced.sha256 == hashlib.sha256(reduced.data).hexdigest()
    assert read(reduced.data).outputs == GRAPH.outputs


def test_each_computed_tensor_is_an_output_once():
    build = GraphBuilder("two")
    x = build.input("x", (1, 4), scale=0.5)
    y = build.op("RELU", [x], [build.activation("y", (1, 4), scale=0.5)])
    z = build.op("RELU6", [y], [build.activation("z", (1, 4), scale=0.5)])
    graph = build.finish([z])

    assert operator_outputs(graph) == (y, z)
    both = [bytes(4), bytes([1, 1, 1, 1])]
    rows = [{"index": 1, "kernel": "relu6", "library": "mine"}, {"index": 0, "kernel": "relu"}]
    every = replace(graph, outputs=(y, z))
    assert first_difference(every, rows, both, [bytes(4), bytes(4)]).startswith(
        "The first layer that differs is operator 1 RELU6 1x4 (relu6 of mine): 4 of 4 values"
    )
    assert "operator 0 RELU 1x4: 4" in first_difference(every, rows, both[::-1], [bytes(4)] * 2)
