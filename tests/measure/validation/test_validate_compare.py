from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from pytest_mlbench.errors import OutputMismatch
from pytest_mlbench.measure.validation.outputs import compare, require_match
from pytest_mlbench.models.tflite.builder import GraphBuilder

if TYPE_CHECKING:
    from pytest_mlbench.models.tflite.graph import Graph


def graph_of(*outputs: tuple[str, str, tuple[int, ...]]) -> Graph:
    build = GraphBuilder()
    return build.finish([build.activation(*[name, shape, dtype]) for name, dtype, shape in outputs])


GRAPH = graph_of(("scores", "int8", (1, 2, 3)), ("boxes", "int16", (2,)))
EXPECTED = [(bytes([1, 2, 3, 4, 5, 250]), bytes([1, 0, 2, 0]))] * 3


def changed(sample: int, output: int, place: int, value: int) -> list[tuple[bytes, ...]]:
    rows = [list(row) for row in EXPECTED]
    data = bytearray(rows[sample][output])
    data[place] = value
    rows[sample][output] = bytes(data)
    return [tuple(row) for row in rows]


def test_equal_outputs_match() -> None:
    result = compare(GRAPH, EXPECTED, EXPECTED)
    assert (result.samples, result.matched, result.mismatch) == (3, 3, "")
    require_match(result)


def test_the_first_difference_is_told_with_its_place() -> None:
    result = compare(GRAPH, changed(1, 0, 5, 7), EXPECTED)
    assert (result.samples, result.matched) == (3, 2)
    assert result.mismatch == (
        "sample 1, output 0 (scores), element 5 [0, 1, 2]: got 7, expected -6 "
        "(1 of 6 elements differ); 2 of 3 samples match the reference; the largest difference is 13"
    )
    with pytest.raises(OutputMismatch, match=r"^aww: sample 1, output 0"):
        require_match(result, where="aww")


def test_the_second_output_is_compared_too_and_as_its_own_type() -> None:
    result = compare(GRAPH, changed(2, 1, 3, 1), EXPECTED)
    assert "sample 2, output 1 (boxes), element 1 [1]: got 258, expected 2" in result.mismatch


def test_every_element_that_differs_is_counted() -> None:
    got = [(bytes(6), EXPECTED[0][1]), *EXPECTED[1:]]
    assert "(6 of 6 elements differ)" in compare(GRAPH, got, EXPECTED).mismatch


def test_floats_are_compared_by_their_bits() -> None:
    graph = graph_of(("p", "float32", (2,)))
    nan = np.array([np.nan, 0.0], "<f4").tobytes()
    assert compare(graph, [(nan,)], [(nan,)]).matched == 1
    minus = np.array([np.nan, -0.0], "<f4").tobytes()
    assert "element 1 [1]: got -0.0, expected 0.0" in compare(graph, [(minus,)], [(nan,)]).mismatch


def test_a_scalar_output_has_an_empty_index() -> None:
    graph = graph_of(("s", "int8", ()))
    assert "element 0 []: got 1, expected 2" in compare(graph, [(b"\1",)], [(b"\2",)]).mismatch


@pytest.mark.parametrize(
    ("got", "what"),
    [
        (EXPECTED[:2], "sample 2 did not come back; 2 of 3"),
        ([*EXPECTED, EXPECTED[0]], "4 samples came back, expected 3"),
        ([EXPECTED[0], EXPECTED[1][:1], EXPECTED[2]], "sample 1: 1 outputs came back, expected 2"),
        ([(b"12", EXPECTED[0][1]), *EXPECTED[1:]], "output 0 (scores): 2 bytes, expected 6"),
        ([], "sample 0 did not come back; 0 of 3"),
    ],
)
def test_what_is_missing_or_too_much_is_a_mismatch(got, what) -> None:
    result = compare(GRAPH, got, EXPECTED)
    assert what in result.mismatch
    with pytest.raises(OutputMismatch):
        require_match(result)


def test_a_sample_without_expected_outputs_is_left_out() -> None:
    found = compare(GRAPH, changed(1, 0, 5, 7), [EXPECTED[0], (), EXPECTED[2]])
    assert (found.samples, found.matched, found.mismatch) == (2, 2, "")


@pytest.mark.parametrize(
    ("got", "mismatch"),
    [
        (
            EXPECTED[:2],
            "sample 2 did not come back; 2 of 3 samples match the reference",
        ),
        (
            [*EXPECTED, EXPECTED[0]],
            "4 samples came back, expected 3; 3 of 3 samples match the reference",
        ),
        (
            [EXPECTED[0], EXPECTED[1][:1], EXPECTED[2]],
            "sample 1: 1 outputs came back, expected 2; 2 of 3 samples match the reference",
        ),
        (
            [(b"12", EXPECTED[0][1]), *EXPECTED[1:]],
            (
                "sample 0, output 0 (scores): 2 bytes, expected 6; "
                "2 of 3 samples match the reference"
            ),
        ),
    ],
)
def test_the_whole_sentence_of_a_mismatch(got, mismatch) -> None:
    assert compare(GRAPH, got, EXPECTED).mismatch == mismatch


def test_the_largest_difference_is_of_all_samples_and_outputs() -> None:
    got = changed(0, 0, 0, 3)
    got[2] = (EXPECTED[2][0], bytes([1, 1, 2, 0]))
    assert compare(GRAPH, got, EXPECTED).mismatch == (
        "sample 0, output 0 (scores), element 0 [0, 0, 0]: got 3, expected 1 "
        "(1 of 6 elements differ); 1 of 3 samples match the reference; "
        "the largest difference is 256"
    )


def test_no_largest_difference_is_told_where_none_can_be_counted() -> None:
    graph = graph_of(("p", "float32", (2,)))
    infinite, finite = (np.array([x, 1.5], "<f4").tobytes() for x in (np.inf, 1))
    assert compare(graph, [(infinite,)], [(finite,)]).mismatch.endswith("match the reference")
    half = np.array([np.inf, 1.75], "<f4").tobytes()
    assert compare(graph, [(half,)], [(finite,)]).mismatch.endswith("difference is 0.25")


def test_little_endian_values_are_shown_as_such() -> None:
    graph = graph_of(("wide", "int32", (1,)))
    text = compare(graph, [(bytes([0, 1, 0, 0]),)], [(bytes(4),)]).mismatch
    assert text == (
        "sample 0, output 0 (wide), element 0 [0]: got 256, expected 0 (1 of 1 elements differ); "
        "0 of 1 samples match the reference; the largest difference is 256"
    )
