"""Whole models through the backend, built for the host and compared with TFLM."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from random_graphs import graphs

from pytest_mlbench.backends.interface import GenerateRequest
from pytest_mlbench.kernels.interface import no_sources
from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import ModelCase, check_models
from pytest_mlbench.testing.check import generate_and_run
from pytest_mlbench.testing.profiles import THOROUGH

if TYPE_CHECKING:
    from pytest_mlbench.models.tflite.graph import Graph

KNOWN = {"scale": 0.25, "zero_point": 3}


def _request(graph: Graph) -> GenerateRequest:
    return GenerateRequest(
        graph=graph,
        model_data=b"",
        libraries=(),
        features=(),
        isa="rv32gc",
        optimize="1",
        config={},
        sources=no_sources,
    )


@settings(
    max_examples=300 if THOROUGH else 8,
    deadline=None,
    derandomize=not THOROUGH,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@given(model=graphs())
def test_random_graphs_equal_tflm(model: ModelCase) -> None:
    pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")
    check_models([model])


def test_reshaped_input_is_an_output_without_a_copy() -> None:
    build = GraphBuilder()
    x = build.input("x", (2, 3), **KNOWN)
    shape = build.constant("shape", np.array([6], np.int32))
    y = build.activation("y", (6,), **KNOWN)
    build.op("RESHAPE", [x, shape], [y])
    model = ModelCase(build.finish([y]), ((np.arange(6, dtype=np.int8),),) * 2)
    generated, outputs = generate_and_run(model, _request(model.graph))
    assert outputs == [[bytes(range(6))]] * 2
    assert generated.arena_peak == 16
    assert generated.operators[0]["kernel"] == "none"


def test_model_without_operators_returns_its_inputs_and_constants() -> None:
    build = GraphBuilder()
    x = build.input("x", (4,), **KNOWN)
    unused = build.input("unused", (4,), **KNOWN)
    c = build.constant("c", np.array([7, -8], np.int8), **KNOWN)
    sample = (np.arange(4, dtype=np.int8), np.zeros(4, np.int8))
    model = ModelCase(build.finish([c, x, x]), (sample,))
    generated, outputs = generate_and_run(model, _request(model.graph))
    x_bytes = bytes(range(4))
    assert outputs == [[np.array([7, -8], np.int8).tobytes(), x_bytes, x_bytes]]
    assert generated.arena_peak == generated.arena_bound == 32
    assert unused == 1


def test_output_that_is_read_further_keeps_its_value() -> None:
    build = GraphBuilder()
    x = build.input("x", (8,), **KNOWN)
    y, z = (build.activation(name, (8,), **KNOWN) for name in "yz")
    build.op("RELU", [x], [y])
    build.op("ADD", [y, y], [z])
    values = np.array([-100, -1, 0, 1, 2, 3, 100, 127], np.int8)
    generated = check_models([ModelCase(build.finish([y, z]), ((values,),))])[0]
    # y takes over x's buffer; z cannot take over y's, which is an output.
    assert generated.arena_peak == 32


def test_elementwise_chain_needs_one_buffer() -> None:
    build = GraphBuilder()
    last = build.input("x", (40,), **KNOWN)
    for number in range(5):
        after = build.activation(f"t{number}", (40,), **KNOWN)
        build.op("RELU", [last], [after])
        last = after
    values = np.arange(-20, 20, dtype=np.int8)
    generated = check_models([ModelCase(build.finish([last]), ((values,),))])[0]
    assert generated.arena_peak == generated.arena_bound == 48


def test_constant_folded_through_a_reshape_can_be_an_output() -> None:
    build = GraphBuilder()
    x = build.input("x", (3,), **KNOWN)
    c = build.constant("c", np.array([[1, 2, 3]], np.int8), **KNOWN)
    shape = build.constant("shape", np.array([3], np.int32))
    flat, total = (build.activation(name, (3,), **KNOWN) for name in ("flat", "total"))
    build.op("RESHAPE", [c, shape], [flat])
    build.op("MAXIMUM", [flat, x], [total])
    values = np.array([0, 9, -9], np.int8)
    model = ModelCase(build.finish([flat, total]), ((values,),))
    _, outputs = generate_and_run(model, _request(model.graph))
    assert outputs == [[bytes([1, 2, 3]), bytes([1, 9, 3])]]


def test_float_border_around_an_integer_model() -> None:
    build = GraphBuilder()
    x = build.input("x", (1, 8), "float32")
    q, y = (build.activation(name, (1, 8), **KNOWN) for name in "qy")
    real = build.activation("real", (1, 8), "float32")
    build.op("QUANTIZE", [x], [q])
    build.op("RELU", [q], [y])
    build.op("DEQUANTIZE", [y], [real])
    values = np.array([[-9.0, -0.125, 0.0, 0.124, 0.126, 3.0, 31.0, 99.0]], np.float32)
    check_models([ModelCase(build.finish([real]), ((values,),))])


def test_float_constants_of_any_kind_are_written_as_they_are() -> None:
    build = GraphBuilder()
    x = build.input("x", (1, 6), **KNOWN)
    values = np.array([[0.1, -0.0, 1e-45, 3e38, np.inf, -np.inf]], np.float32)
    c = build.constant("c", values)
    q, y = (build.activation(name, (1, 6), **KNOWN) for name in "qy")
    build.op("QUANTIZE", [c], [q])
    build.op("MAXIMUM", [q, x], [y])
    sample = np.full((1, 6), -128, np.int8)
    model = ModelCase(build.finish([y, q]), ((sample,),))
    _, outputs = generate_and_run(model, _request(model.graph))
    expected = np.array([3, 3, 3, 127, 127, -128], np.int8).tobytes()
    assert outputs == [[expected, expected]]
