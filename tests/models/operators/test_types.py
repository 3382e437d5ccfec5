"""Each operator accepts the types that TensorFlow Lite Micro's interpreter runs, no more, no less.

One layer of each operator is drawn; its tensors are given every type in turn.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_mlbench import process
from pytest_mlbench.models.operators.catalogue import OPERATORS
from pytest_mlbench.models.operators.coverage import problems
from pytest_mlbench.models.operators.fold import fold
from pytest_mlbench.models.operators.lower import lower_all
from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.models.tflite.graph import Quantisation
from pytest_mlbench.models.tflite.writer import write
from pytest_mlbench.testing import LAYERS
from pytest_mlbench.testing.profiles import draw_layers

if TYPE_CHECKING:
    from pytest_mlbench.models.tflite.graph import Graph, Tensor

pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")

TYPES = ("int8", "int16", "int32", "int64", "bool", "uint8", "float32")

PAIRS = ("CAST", "DEQUANTIZE", "QUANTIZE")
"""Operators that convert one type to another."""

STATE = ("ASSIGN_VARIABLE", "CALL_ONCE", "READ_VARIABLE", "VAR_HANDLE")
WEIGHTS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV")
RECURRENT = ("SVDF", "UNIDIRECTIONAL_SEQUENCE_LSTM")
"""Operators that keep a state, or whose tensors have several types at once."""

FLOAT_SUMS = (
    *("BATCH_MATMUL", "ELU", "L2_NORMALIZATION", "LOGISTIC", "LOG_SOFTMAX", "RESIZE_BILINEAR"),
    *("SOFTMAX", "TANH"),
)
REFUSED_HERE = {
    *((kind, "float32") for kind in FLOAT_SUMS),  # exponentials and sums of products
    # The interpreter reads the bytes of any type as bool.
    *(
        (kind, dtype)
        for kind in ("LOGICAL_AND", "LOGICAL_OR")
        for dtype in TYPES
        if dtype != "bool"
    ),
    *(("QUANTIZE", dtype, "int32") for dtype in ("int8", "int16")),
    ("GREATER", "int16"),  # The interpreter compares with factors that nothing has set.
}
"""What the interpreter runs and docs/aot.md refuses."""

FIXED = {
    **dict.fromkeys(("ARG_MAX", "ARG_MIN", "EQUAL", "GREATER", "GREATER_EQUAL"), "output"),
    **dict.fromkeys(("LESS", "LESS_EQUAL", "NOT_EQUAL", "SHAPE"), "output"),
    "EMBEDDING_LOOKUP": "input",
    "SELECT_V2": "input",
}
"""Operators whose output or first input keeps its type."""


def drawn(kind: str) -> Graph:
    """A layer of `kind`: a later one, because the first is the simplest."""
    return draw_layers(LAYERS[kind], 3)[-1].graph


def known(dtype: str) -> Quantisation:
    """A scale below 1 for quantised types."""
    if dtype not in ("int8", "int16", "uint8"):
        return Quantisation()
    return Quantisation((0.5,), (128 if dtype == "uint8" else 0,), 0)


def retyped(graph: Graph, dtype: str) -> Graph:
    """`graph` whose last operator computes with `dtype`."""
    last = graph.operators[-1]
    fixed = FIXED.get(last.kind)
    kept = {
        *(last.outputs if fixed == "output" else ()),
        *(last.inputs[:1] if fixed == "input" else ()),
    }
    values = [index for index in last.inputs if index >= 0 and index not in kept]
    sources = [index for index in values if graph.tensors[index].data is None] or values[-1:]
    before = graph.tensors[sources[0]].dtype

    def changed(tensor: Tensor) -> Tensor:
        index_like = tensor.data is not None and tensor.dtype == "int32" and before != "int32"
        if tensor.dtype != before or tensor.index in kept or index_like:
            return tensor
        data = None if tensor.data is None else tensor.data.astype(dtype)
        scales = tensor.quantisation if tensor.dtype == dtype else known(dtype)
        return replace(tensor, dtype=dtype, quantisation=scales, data=data)

    return replace(graph, tensors=tuple(map(changed, graph.tensors)))


def conversion(kind: str, source: str, target: str) -> Graph:
    """`kind` from one type to another."""
    build = GraphBuilder()
    tensors = []
    for add, name, dtype in ((build.input, "x", source), (build.activation, "y", target)):
        one = known("int8" if kind == "QUANTIZE" and dtype == "int32" else dtype)
        scale = {"scale": one.scales, "zero_point": one.zero_points}
        tensors.append(add(name, (2, 3), dtype, **scale))
    build.op(kind, tensors[:1], tensors[1:])
    return build.finish(tensors[1:])


def accepted(graph: Graph) -> bool:
    """Does the `aot` backend accept it?"""
    folded = fold(graph)
    return not problems(folded) and not lower_all(folded)[1]


def models() -> dict[tuple[str, ...], Graph]:
    """Operator and types -> a model."""
    one = [kind for kind in OPERATORS if kind not in (*PAIRS, *STATE, *WEIGHTS, *RECURRENT)]
    found: dict[tuple[str, ...], Graph] = {}
    for kind in one:
        graph = drawn(kind)
        found |= {(kind, dtype): retyped(graph, dtype) for dtype in TYPES}
    for kind in PAIRS:
        found |= {(kind, a, b): conversion(kind, a, b) for a in TYPES for b in TYPES}
    return found


def test_types_are_those_of_tflm(tmp_path: Path) -> None:
    graphs = models()
    plan = []
    for number, graph in enumerate(graphs.values()):
        (tmp_path / f"{number}.tflite").write_bytes(write(graph))
        inputs = [graph.tensors[index] for index in graph.inputs]
        plan.append([(tensor.dtype, tensor.shape) for tensor in inputs])
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    program = Path(__file__).with_name("ask_tflm.py")
    done = process.run([sys.executable, program, tmp_path], timeout=300)
    said = done.stdout.decode().split()
    assert len(said) == len(graphs), f"the interpreter crashed: {done.error_text[-500:]}"
    theirs = {case for case, one in zip(graphs, said, strict=True) if one == "runs"}
    ours = {case for case, graph in graphs.items() if accepted(graph)}
    assert sorted(ours - theirs) == [], "accepted, but TensorFlow Lite Micro refuses it"
    assert theirs - ours == REFUSED_HERE
