from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tiny_models import dense, many_operators, one_of_each

from pytest_mlbench.models.tflite.reader import read
from pytest_mlbench.models.tflite.writer import write

if TYPE_CHECKING:
    from pytest_mlbench.models.tflite.graph import Graph


def assert_same(left: Graph, right: Graph) -> None:
    assert left.operators == right.operators
    assert (left.name, left.inputs, left.outputs) == (right.name, right.inputs, right.outputs)
    for one, other in zip(left.tensors, right.tensors, strict=True):
        assert replace(one, data=None) == replace(other, data=None)
        assert (one.data is None) == (other.data is None)
        if one.data is not None:
            assert one.data.dtype == other.data.dtype
            np.testing.assert_array_equal(one.data, other.data)


def test_what_is_written_is_read_back() -> None:
    for graph in (many_operators(), one_of_each()):
        assert_same(read(write(graph)), graph)


def test_the_same_graph_gives_the_same_bytes() -> None:
    assert write(many_operators()) == write(many_operators())
    assert write(many_operators()) != write(dense().finish([3]))


def test_every_constant_is_aligned_to_16_bytes() -> None:
    graph = many_operators()
    data = write(graph)
    constants = [t.data.tobytes() for t in graph.tensors if t.data is not None and t.bytes >= 16]
    assert len(constants) > 4
    for constant in constants:
        assert data.index(constant) % 16 == 0


def test_the_reference_interpreter_runs_what_is_written() -> None:
    runtime = pytest.importorskip("tflite_micro", reason="needs tflite-micro").runtime
    interpreter = runtime.Interpreter.from_bytes(dense().model([3]), arena_size=1 << 16)
    x = np.array([[3, 4, 5, 6, 7, 8, 9, 10]], np.int8)
    interpreter.set_input(x, 0)
    interpreter.invoke()
    weights = np.arange(-16, 16).reshape(4, 8)
    real = ((x - 3) @ weights.T + [1, -2, 300, -400]) * 0.5 * 0.01
    expected = np.maximum(np.round(real / 0.25 - 5), -5)
    np.testing.assert_array_equal(interpreter.get_output(0), expected)


def test_a_custom_operator_keeps_its_name() -> None:
    build = dense()
    y = build.op("MyOwnThing", [3], [build.activation("z", (1, 4), scale=1.0)])
    graph = read(build.model([y]))
    assert graph.operators[-1].kind == "MyOwnThing"
    assert graph.operators[-1].options == {}


def test_a_builtin_that_we_know_nothing_of_keeps_its_name() -> None:
    build = dense()
    y = build.op("HARD_SWISH", [3], [build.activation("z", (1, 4), scale=1.0)])
    assert read(build.model([y])).operators[-1].kind == "HARD_SWISH"


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda b: b.op("ADD", [0], [3], strides=1), "ADD has no option 'strides'"),
        (lambda b: b.op("ADD", [0], [b.activation("h", (1,), "float16")]), "no type 'float16'"),
    ],
)
def test_what_the_format_has_not_is_refused(break_it, message) -> None:
    build = dense()
    with pytest.raises(ValueError, match=message):
        build.model([break_it(build)])


def test_values_that_do_not_fit_their_tensor_are_refused() -> None:
    graph = dense().finish([3])
    wrong = replace(graph.tensors[1], shape=(8, 4))
    tensors = (graph.tensors[0], wrong, *graph.tensors[2:])
    with pytest.raises(ValueError, match=r"is int8 \(8, 4\), its values are int8 \(4, 8\)"):
        write(replace(graph, tensors=tensors))
