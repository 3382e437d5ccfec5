"""Bytes of operators: each tensor once, whatever the backend."""

from __future__ import annotations

from pytest_mlbench.backends.interface import Generated
from pytest_mlbench.measure.traffic import operator_bytes, with_bytes
from pytest_mlbench.models.tflite.graph import Graph, Operator, Tensor

TENSORS = (
    Tensor(0, "in", (1, 8), "int8"),
    Tensor(1, "weights", (4, 8), "int8"),
    Tensor(2, "bias", (4,), "int32"),
    Tensor(3, "out", (1, 4), "int8"),
    Tensor(4, "doubled", (1, 4), "int16"),
)
GRAPH = Graph(
    "g",
    TENSORS,
    (
        Operator(0, "FULLY_CONNECTED", (0, 1, 2, -1), (3,)),
        Operator(1, "ADD", (3, 3), (4,)),
    ),
    (0,),
    (4,),
)


def test_each_tensor_counts_once_and_an_absent_one_not_at_all() -> None:
    assert [operator_bytes(GRAPH, each) for each in GRAPH.operators] == [8 + 32 + 16 + 4, 4 + 8]


def test_only_rows_of_the_graphs_operators_get_bytes() -> None:
    rows = (
        {"index": 0, "name": "FULLY_CONNECTED", "macs": 32},
        {"index": 1, "name": "MUL"},
        {"index": 7, "name": "ADD"},
    )
    made = with_bytes(Generated((), operators=rows), GRAPH)
    assert made.operators == ({**rows[0], "bytes": 60}, *rows[1:])
