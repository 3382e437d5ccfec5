"""Sigmoid and tanh of int16 against the interpreter, for every input there is."""

from __future__ import annotations

import numpy as np
import pytest

from pytest_mlbench.models.operators.sigmoid16 import sigmoid, tanh
from pytest_mlbench.models.tflite.builder import GraphBuilder

runtime = pytest.importorskip("tflite_micro", reason="needs tflite-micro").runtime


@pytest.mark.parametrize(("kind", "function"), [("LOGISTIC", sigmoid), ("TANH", tanh)])
def test_every_int16_value_gives_what_the_interpreter_gives(kind, function) -> None:
    values = np.arange(-(1 << 15), 1 << 15).astype(np.int16)
    build = GraphBuilder()
    x = build.input("x", values.shape, "int16", scale=2.0**-12)
    y = build.activation("y", values.shape, "int16", scale=2.0**-15)
    build.op(kind, [x], [y])
    interpreter = runtime.Interpreter.from_bytes(build.model([y]), arena_size=1 << 20)
    interpreter.set_input(values, 0)
    interpreter.invoke()
    np.testing.assert_array_equal(function(values), interpreter.get_output(0))
