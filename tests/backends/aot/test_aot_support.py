"""What is not covered is refused by name, all of it at once; nothing is ever a traceback."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_mlbench.backends.aot.backend import AotBackend
from pytest_mlbench.backends.interface import GenerateRequest
from pytest_mlbench.errors import UsageError
from pytest_mlbench.kernels.interface import no_sources
from pytest_mlbench.models.operators.lower import lower
from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.models.tflite.graph import Graph, Quantisation
from pytest_mlbench.testing import LAYERS, LayerCase
from pytest_mlbench.testing.profiles import THOROUGH

KNOWN: dict[str, Any] = {"scale": 0.25, "zero_point": 3}


def _refused(graph: Graph) -> str:
    with pytest.raises(UsageError) as caught:
        lower(graph, where="m.tflite")
    return str(caught.value)


def test_everything_is_refused_in_one_message() -> None:
    build = GraphBuilder("m")
    x = build.input("x", (1, 4), **KNOWN)
    a, b, c = (build.activation(name, (1, 4), **KNOWN) for name in "abc")
    build.op("COS", [x], [a])
    build.op("RELU", [a], [b])
    build.op("GELU", [b], [c])
    text = _refused(build.finish([c]))
    assert "m.tflite: the aot backend does not cover 2 of 3 operators" in text
    assert "operator 0 COS: not a supported operator" in text
    assert "operator 2 GELU: not a supported operator" in text
    assert "RELU:" not in text
    assert "Covered: ABS, ADD, " in text


@pytest.mark.parametrize(
    ("dtype", "advice"),
    [
        ("float32", "full integer quantisation (int8)"),
        ("uint8", "int8 activations and weights; uint8 is TensorFlow 1's scheme"),
    ],
)
def test_the_remedy_says_what_to_convert_to(dtype: str, advice: str) -> None:
    build = GraphBuilder("m")
    x = build.input("x", (1, 4), dtype, **KNOWN)
    y = build.activation("y", (1, 4), dtype, **KNOWN)
    build.op("LOGISTIC", [x], [y])
    text = _refused(build.finish([y]))
    assert advice in text
    assert "Covered" not in text


def test_an_operator_whose_form_is_refused_is_not_told_as_covered() -> None:
    text = _refused(_one("LOGISTIC", KNOWN, OTHER))
    assert "docs/aot.md says which forms" in text
    assert "Covered" not in text


def test_equal_problems_are_told_once() -> None:
    build = GraphBuilder("m")
    last = build.input("x", (1, 4), **KNOWN)
    for number in range(9):
        after = build.activation(f"t{number}", (1, 4), **KNOWN)
        build.op("GELU", [last], [after])
        last = after
    text = _refused(build.finish([last]))
    assert "operators 0, 1, 2, 3, 4, 5 and 3 more GELU: not a supported operator. " in text


def test_a_float_model_is_told_to_be_quantised() -> None:
    build = GraphBuilder()
    x = build.input("x", (1, 4), "float32")
    y = build.activation("y", (1, 2), "float32")
    w = build.constant("w", np.zeros((2, 4), np.float32))
    build.op("FULLY_CONNECTED", [x, w, -1], [y])
    text = _refused(build.finish([y]))
    assert "operator 0 FULLY_CONNECTED: input 0 is float32, expected int8" in text
    assert "Convert the model with full integer quantisation (int8)" in text


def _pair(kind: str, left: dict[str, Any], right: dict[str, Any], **options: Any) -> Graph:
    build = GraphBuilder()
    x, y = build.input("x", (2, 4), **left), build.input("y", (2, 4), **left)
    z = build.activation("z", (2, 4), **right)
    build.op(kind, [x, y], [z], **options)
    return build.finish([z])


def _one(kind: str, source: dict[str, Any], target: dict[str, Any], **options: Any) -> Graph:
    build = GraphBuilder()
    x = build.input("x", (2, 4), **source)
    z = build.activation("z", (2, 4), **target)
    build.op(kind, [x], [z], **options)
    return build.finish([z])


OTHER = {"scale": 0.5, "zero_point": 3}


@pytest.mark.parametrize(
    ("graph", "clause"),
    [
        (_one("LOGISTIC", KNOWN, OTHER), "its output has a zero point other than -128"),
        (_pair("ADD", KNOWN, {}), "its output has no scale"),
        (
            _pair("ADD", KNOWN, {"scale": 0.0}),
            "its output has the scale 0, expected a positive number",
        ),
        (
            _pair("ADD", KNOWN, {"scale": float("inf")}),
            "its output has the scale inf, expected a positive",
        ),
        (_pair("ADD", KNOWN, {"scale": 1e-9}), "the ratio of its scales is"),
        (_one("SOFTMAX", KNOWN, OTHER, beta=1.0), "its output has scale 0.5 and zero point 3"),
        (_one("L2_NORMALIZATION", KNOWN, OTHER), "expected 0.0078125 and 0"),
        (_one("RELU", KNOWN, {"dtype": "int16", **OTHER}), "from int8 to int16"),
        (_one("ADD", KNOWN, OTHER), "1 inputs, expected 2"),
        (
            _one("QUANTIZE", {"dtype": "float32"}, {"dtype": "uint8", **OTHER}),
            "from float32 to uint8, expected int8",
        ),
        (
            _pair("ADD", KNOWN, OTHER, fused_activation_function="TANH"),
            "the fused activation TANH has no int8 form",
        ),
    ],
)
def test_refusals(graph: Graph, clause: str) -> None:
    assert clause in _refused(graph)


def _conv(**changes: Any) -> Graph:
    given = {
        "image": (1, 5, 5, 4),
        "weights": (6, 3, 3, 4),
        "output": (1, 5, 5, 6),
        "scale": 0.1,
        "zero_point": 0,
        "bias": 6,
        "options": {},
    } | changes
    build = GraphBuilder()
    x = build.input("x", given["image"], **KNOWN)
    w = build.constant(
        "w",
        np.zeros(given["weights"], np.int8),
        scale=given["scale"],
        zero_point=given["zero_point"],
    )
    b = build.constant("b", np.zeros(given["bias"], np.int32))
    y = build.activation("y", given["output"], **KNOWN)
    options = {"stride_h": 1, "stride_w": 1, "padding": "SAME"} | given["options"]
    build.op("CONV_2D", [x, w, b], [y], **options)
    return build.finish([y])


@pytest.mark.parametrize(
    ("changes", "clause"),
    [
        ({"image": (5, 5, 4)}, "input 0 is 5x5x4, expected 4 dimensions"),
        ({"weights": (6, 3, 3, 3)}, "4 channels in, 6 out and 3 per filter do not form groups"),
        ({"output": (1, 4, 5, 6)}, "its output is 1x4x5x6, expected 1x5x5x6"),
        ({"bias": 5}, "its bias has 5 values, expected 6"),
        ({"scale": -0.5}, "its weights have the scale -0.5, expected a positive number"),
        ({"scale": [0.1, 0.2]}, "its weights have 2 scales along axis 0"),
        ({"scale": ()}, "its weights have no scale"),
        (
            {"weights": (6, 7, 7, 4), "options": {"padding": "VALID"}},
            "its 7x7 filter is larger than its 5x5 input",
        ),
        ({"options": {"stride_w": 0}}, "a stride, dilation or filter size below 1"),
    ],
)
def test_refusals_of_convolutions(changes: dict[str, Any], clause: str) -> None:
    assert clause in _refused(_conv(**changes))


def _given(kind: str, count: int, outputs: int = 1, **options: Any) -> Graph:
    """An operator of `count` inputs of one shape and scale."""
    build = GraphBuilder()
    inputs = [build.input(f"x{number}", (2, 4), **KNOWN) for number in range(count)]
    made = [build.activation(f"z{number}", (2, 4), **KNOWN) for number in range(outputs)]
    build.op(kind, inputs, made, **options)
    return build.finish(made)


@pytest.mark.parametrize(
    ("kind", "count", "clause"),
    [
        ("RELU", 2, "2 inputs, expected 1"),
        ("RELU", 0, "0 inputs, expected 1"),
        ("ADD", 1, "1 inputs, expected 2"),
        ("ADD", 3, "3 inputs, expected 2"),
        ("MEAN", 1, "1 inputs, expected 2"),
        ("PADV2", 2, "2 inputs, expected 3"),
        ("CONV_2D", 1, "1 inputs, expected 2 to 3"),
        ("CONV_2D", 4, "4 inputs, expected 2 to 3"),
        ("RESHAPE", 3, "3 inputs, expected 1 to 2"),
        ("CONCATENATION", 0, "0 inputs, expected 1"),
    ],
)
def test_the_number_of_inputs_is_the_rules(kind: str, count: int, clause: str) -> None:
    options = {"stride_h": 1, "stride_w": 1} if kind == "CONV_2D" else {}
    assert clause in _refused(_given(kind, count, **options))


def test_a_second_output_is_refused() -> None:
    assert "2 outputs, expected 1" in _refused(_given("RELU", 1, outputs=2))


def _deep(kind: str, rank: int) -> Graph:
    """An operator over `rank` dimensions."""
    shape = (1,) * (rank - 1) + (4,)
    build = GraphBuilder()
    x = build.input("x", shape, **KNOWN)
    second = {
        "ADD": lambda: build.input("y", shape, **KNOWN),
        "MEAN": lambda: build.constant("axes", np.array([0], np.int32)),
        "PAD": lambda: build.constant("amounts", np.zeros((rank, 2), np.int32)),
    }[kind]()
    z = build.activation("z", shape, **KNOWN)
    build.op(kind, [x, second], [z], **({"keep_dims": True} if kind == "MEAN" else {}))
    return build.finish([z])


@pytest.mark.parametrize("kind", ["ADD", "MEAN", "PAD"])
def test_six_dimensions_are_covered_and_seven_are_not(kind: str) -> None:
    assert lower(_deep(kind, 6))[0] is not None
    assert f"operator 0 {kind}: " in _refused(_deep(kind, 7))


def test_a_bias_of_another_type_is_refused() -> None:
    graph = _conv()
    tensors = list(graph.tensors)
    tensors[2] = replace(tensors[2], dtype="int64", data=None)
    text = _refused(replace(graph, tensors=tuple(tensors), inputs=(0, 2)))
    assert "its bias is int64, expected int32 beside int8" in text


@st.composite
def damaged(draw: st.DrawFn) -> Graph:
    """A graph of one layer with something about it changed: what a reader lets through."""
    case: LayerCase = draw(draw(st.sampled_from([LAYERS[kind] for kind in sorted(LAYERS)])))
    graph = case.graph
    tensors, operators = list(graph.tensors), list(graph.operators)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(tensors) - 1))
        tensor = tensors[place]
        change = draw(st.sampled_from(["shape", "dtype", "scale", "inputs", "options", "constant"]))
        if change == "shape" and tensor.data is None:
            shape = tuple(draw(st.lists(st.integers(-1, 7), max_size=7)))
            tensors[place] = replace(tensor, shape=shape)
        elif change == "dtype" and tensor.data is None:
            names = ["int8", "uint8", "float32", "int16", "int32", "int64", "bool"]
            tensors[place] = replace(tensor, dtype=draw(st.sampled_from(names)))
        elif change == "scale":
            scales = draw(st.lists(st.sampled_from([0.0, 1e-38, 1.0, 3e38]), max_size=3))
            zeros = (0,) * draw(st.integers(0, len(scales)))
            known = Quantisation(tuple(scales), zeros, draw(st.integers(0, 5)))
            tensors[place] = replace(tensor, quantisation=known)
        elif change == "inputs":
            inputs = draw(st.lists(st.integers(-1, len(tensors) - 1), max_size=4))
            operators[0] = replace(operators[0], inputs=tuple(inputs))
        elif change == "options":
            options = {
                name: draw(st.sampled_from([value, 0, 1, 2, -1])) if type(value) is int else value
                for name, value in operators[0].options.items()
            }
            operators[0] = replace(operators[0], options=options)
        elif change == "constant" and tensor.data is not None:
            values = tensor.data.reshape(-1)[: draw(st.integers(0, 3))]
            tensors[place] = replace(tensor, data=values, shape=values.shape)
    return replace(graph, tensors=tuple(tensors), operators=tuple(operators))


@given(damaged())
@settings(
    max_examples=10_000 if THOROUGH else 200,
    deadline=None,
    derandomize=not THOROUGH,
    suppress_health_check=list(HealthCheck),
)
def test_a_damaged_graph_is_generated_or_refused(graph: Graph) -> None:
    request = GenerateRequest(
        graph=graph, model_data=b"", libraries=(), features=(), isa="rv32gc", optimize="s",
        config={}, sources=no_sources,
    )  # fmt: skip
    with contextlib.suppress(UsageError):
        AotBackend().generate(request)
