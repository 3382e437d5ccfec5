from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np
import pytest
import tflite
from tiny_models import dense, many_operators

from pytest_mlbench.errors import UsageError
from pytest_mlbench.models.operators.lower import lower
from pytest_mlbench.models.tflite import flat, reader
from pytest_mlbench.models.tflite.graph import UNUSED, Graph, Operator
from pytest_mlbench.models.tflite.reader import read
from pytest_mlbench.models.tflite.writer import write

# The schema's object API, which the reader does not use: files that our writer would not write.
schema = pytest.importorskip(
    "tflite_micro.tensorflow.lite.micro.python.schema_py_generated", reason="needs tflite-micro"
)


def refusal(data: bytes) -> str:
    with pytest.raises(UsageError) as caught:
        read(data, where="model.tflite")
    assert str(caught.value).startswith("model.tflite: ")
    assert caught.value.remedy
    return caught.value.what


def rewritten(change) -> bytes:
    """The dense model after `change` to its object tree (the schema's own object API)."""
    import flatbuffers

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(dense().model([3]), 0))
    change(model)
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def tensor(model: schema.ModelT, index: int) -> schema.TensorT:
    return model.subgraphs[0].tensors[index]


def test_what_other_writers_write_is_read() -> None:
    graph = read(rewritten(lambda model: None))
    assert [t.name for t in graph.tensors] == ["x", "w", "b", "y"]
    assert graph.operators[0].kind == "FULLY_CONNECTED"
    assert graph.tensors[2].data is not None
    assert graph.tensors[2].data.tolist() == [1, -2, 300, -400]


def test_the_free_batch_size_of_the_zoo_is_no_dynamic_shape() -> None:
    def change(model: schema.ModelT) -> None:
        tensor(model, 0).shapeSignature = [-1, 8]

    assert read(rewritten(change)).tensors[0].shape == (1, 8)


def test_the_greater_of_both_operator_codes_counts() -> None:
    def old(model: schema.ModelT) -> None:
        model.operatorCodes[0].builtinCode = 0  # as files from before 2020 have it

    def new(model: schema.ModelT) -> None:
        model.operatorCodes[0].deprecatedBuiltinCode = 127
        model.operatorCodes[0].builtinCode = 152

    def only_new(model: schema.ModelT) -> None:
        model.operatorCodes[0].deprecatedBuiltinCode = 0

    assert read(rewritten(old)).operators[0].kind == "FULLY_CONNECTED"
    assert read(rewritten(only_new)).operators[0].kind == "FULLY_CONNECTED"
    assert read(rewritten(new)).operators[0].kind == "RELU_0_TO_1"


def test_an_operator_code_of_the_future_is_named_by_its_number() -> None:
    def change(model: schema.ModelT) -> None:
        model.operatorCodes[0].builtinCode = 4000

    assert read(rewritten(change)).operators[0].kind == "BUILTIN_4000"


def test_options_default_as_the_schema_says_when_their_table_is_absent() -> None:
    def change(model: schema.ModelT) -> None:
        model.subgraphs[0].operators[0].builtinOptions = None
        model.subgraphs[0].operators[0].builtinOptionsType = 0

    options = read(rewritten(change)).operators[0].options
    assert options["fused_activation_function"] == "NONE"
    assert options["weights_format"] == "DEFAULT"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "not a .tflite file"),
        (b"TFL3", "not a .tflite file"),
        (b"\x1c\0\0\0TFL3", "is outside"),
        (b"PK\x03\x04" + bytes(100), "not a .tflite file"),
        (b"\xff\xff\xff\xffTFL3" + bytes(100), "is outside"),
        (b"\x08\0\0\0TFL3" + b"\xff" * 100, "field list of its model has 65535 bytes"),
        (b"\x08\0\0\0TFL3" + b"\x20\0\0\0" * 20, "field list of its model is outside"),
    ],
)
def test_other_files_are_refused(data: bytes, what: str) -> None:
    assert what in refusal(data)


def test_every_truncation_is_refused() -> None:
    data = write(many_operators())
    for length in range(0, len(data) - 16, 7):
        refusal(data[:length])


def test_a_big_file_is_refused_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_FILE", 100)
    assert "expected at most 100" in refusal(bytes(101))


def _set(path: str, value):
    """A change of one attribute, the path written as on the object tree."""

    def change(model: schema.ModelT) -> None:
        *steps, last = path.split(".")
        place = model
        for step in steps:
            place = place[int(step)] if step.isdigit() else getattr(place, step)
        if last.isdigit():
            place[int(last)] = value
        else:
            setattr(place, last, value)

    return change


GRAPH, TENSORS, OP = "subgraphs.0", "subgraphs.0.tensors", "subgraphs.0.operators.0"


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        ("version", 2, "schema version 2, expected 3"),
        (f"{TENSORS}.0.type", tflite.TensorType.STRING, "tensor 0 'x' has type STRING"),
        (f"{TENSORS}.0.type", tflite.TensorType.FLOAT16, "tensor 0 'x' has type FLOAT16"),
        (f"{TENSORS}.0.type", 99, "tensor 0 'x' has type 99"),
        (f"{TENSORS}.1.sparsity", schema.SparsityParametersT(), "tensor 1 'w' is sparse"),
        (f"{TENSORS}.0.shape", [-1, 8], "has dynamic shape (-1, 8)"),
        (f"{TENSORS}.0.shape", [1, -8], "has shape (1, -8)"),
        (f"{TENSORS}.0.shape", [1, 0], "no elements"),
        (f"{TENSORS}.0.shape", [1] * 9, "9 elements of Shape, expected at most 8"),
        (f"{TENSORS}.0.shape", [2**31 - 1] * 8, "expected at most 67,108,864 bytes"),
        (f"{TENSORS}.1.shape", [4, 9], "has 32 bytes, expected 36"),
        (f"{TENSORS}.2.type", tflite.TensorType.INT64, "has 16 bytes, expected 32"),
        (f"{TENSORS}.1.buffer", 3, "has buffer 3 of 3"),
        (f"{TENSORS}.0.buffer", 1, "is computed, but has constant values"),
        (f"{TENSORS}.0.quantization.zeroPoint", [200], "zero points (200) as int8"),
        (f"{TENSORS}.0.quantization.zeroPoint", [1, 2], "zero points (1, 2)"),
        (f"{TENSORS}.1.quantization.scale", [1.0] * 9, "9 scales"),
        (f"{TENSORS}.0.quantization.detailsType", 1, "custom quantisation"),
        (f"{GRAPH}.inputs", [4], "the model's inputs name tensor 4 of 4"),
        (f"{GRAPH}.inputs", [-1], "the model's inputs name tensor -1 of 4"),
        (f"{GRAPH}.inputs", [0, 0], "is an input twice"),
        (f"{GRAPH}.inputs", [], "0 inputs, 1 operators and 1 outputs"),
        (f"{GRAPH}.outputs", [], "0 outputs"),
        (f"{GRAPH}.operators", [], "0 operators"),
        (f"{OP}.opcodeIndex", 1, "operator 0 has operator code 1 of 1"),
        (f"{OP}.inputs", [0, 1, 9], "operator 0 (FULLY_CONNECTED) names tensor 9 of 4"),
        (f"{OP}.inputs", [0, 1, -2], "names tensor -2 of 4"),
        (f"{OP}.inputs", [3, 1, 2], "reads tensor 3 'y' before it is computed"),
        (f"{OP}.outputs", [-1], "names tensor -1 of 4"),
        (f"{OP}.outputs", [0], "writes tensor 0 'x' a second time"),
        (f"{OP}.outputs", [3, 3], "writes tensor 3 'y' a second time"),
        (f"{OP}.builtinOptions.fusedActivationFunction", 17, "fused_activation_function 17"),
        ("buffers.1.offset", 4096, "buffer 1 is outside"),
        ("subgraphs", [], "0 subgraphs, expected at least 1"),
    ],
)
def test_one_wrong_field_is_one_refusal(path: str, value, what: str) -> None:
    assert what in refusal(rewritten(_set(path, value)))


def test_the_options_of_another_operator_are_none() -> None:
    """As TensorFlow Lite Micro has it: the defaults take their place."""

    def swap(model: schema.ModelT) -> None:
        operator = model.subgraphs[0].operators[0]
        operator.builtinOptionsType = tflite.BuiltinOptions.Conv2DOptions
        operator.builtinOptions = schema.Conv2DOptionsT()

    options = read(rewritten(swap)).operators[0].options
    assert options["fused_activation_function"] == "NONE"
    assert "stride_w" not in options


def test_what_an_operator_computes_is_no_variable() -> None:
    graph = read(rewritten(_set(f"{TENSORS}.3.isVariable", True)))
    assert not graph.tensors[3].variable


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{TENSORS}.2.quantization.quantizedDimension", 3),
        (f"{TENSORS}.2.quantization.scale", [0.0]),
        (f"{TENSORS}.1.quantization.scale", [0.0]),
        (f"{TENSORS}.1.quantization.quantizedDimension", 7),
        (f"{TENSORS}.0.isVariable", True),
        (f"{TENSORS}.0.shapeSignature", [-1, -1]),
        (f"{GRAPH}.outputs", [0]),
        (f"{GRAPH}.outputs", [1]),
    ],
)
def test_what_no_operator_depends_on_may_be_odd(path: str, value) -> None:
    assert lower(read(rewritten(_set(path, value))))[0] is not None


def test_scales_without_zero_points_are_no_quantisation() -> None:
    def change(model: schema.ModelT) -> None:
        tensor(model, 0).quantization.zeroPoint = None

    graph = read(rewritten(change), where="m.tflite")
    assert graph.tensors[0].quantisation.scales == ()
    assert graph.tensors[1].quantisation.scales != ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", tflite.TensorType.UINT32),
        ("shape", [1, -1]),
        ("isVariable", True),
        ("buffer", 77),
    ],
)
def test_a_tensor_that_nothing_uses_may_be_of_any_kind(field: str, value) -> None:
    def unused(model: schema.ModelT) -> None:
        extra = schema.TensorT()
        extra.name, extra.shape = b"junk", [4]
        setattr(extra, field, value)
        model.subgraphs[0].tensors.append(extra)

    graph = read(rewritten(unused))
    assert graph.tensors[4].dtype == UNUSED
    assert graph.tensors[4].bytes == 0
    assert lower(graph)[0] is not None


@pytest.mark.parametrize("scale", [0.0, -1.0, float("inf"), float("nan")])
def test_a_bad_scale_of_an_activation_is_named_by_the_operator(scale: float) -> None:
    graph = read(rewritten(_set(f"{TENSORS}.0.quantization.scale", [scale])))
    with pytest.raises(UsageError, match=f"input 0 has the scale {scale:g}, expected a positive"):
        lower(graph)


def test_a_subgraph_that_nothing_calls_is_passed_over() -> None:
    def change(model: schema.ModelT) -> None:
        odd = schema.SubGraphT()
        odd.tensors, odd.operators, odd.inputs, odd.outputs = [], [], [9], [9]
        model.subgraphs.append(odd)

    graph = read(rewritten(change))
    assert not graph.subgraphs
    assert len(graph.operators) == 1


def test_a_subgraph_that_is_called_is_read() -> None:
    build = dense()
    nothing = build.op("CALL_ONCE", [], [build.activation("z", (1,))], init_subgraph_index=1)
    main = build.finish([nothing])
    graph = read(write(replace(main, subgraphs={1: dense().finish([3])})))
    assert [operator.kind for operator in graph.subgraphs[1].operators] == ["FULLY_CONNECTED"]


@pytest.mark.parametrize("number", [-1, 0, 1, 2**31 - 1])
def test_a_call_of_a_subgraph_that_is_not_there_is_damage(number: int) -> None:
    build = dense()
    z = build.activation("z", (1,))
    build.op("CALL_ONCE", [], [z], init_subgraph_index=number)
    assert f"calls subgraph {number} of 1" in refusal(build.model([z]))


def test_a_git_lfs_pointer_is_told_as_such() -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64
    with pytest.raises(UsageError) as caught:
        read(pointer, where="model.tflite")
    assert f"this is a Git LFS pointer ({len(pointer)} bytes)" in caught.value.what
    assert "git lfs pull" in caught.value.remedy


def test_all_bad_tensors_are_told_at_once() -> None:
    def change(model: schema.ModelT) -> None:
        for one in model.subgraphs[0].tensors:
            one.type = tflite.TensorType.COMPLEX64

    told = refusal(rewritten(change))
    assert "tensor 0 'x'" in told
    assert "tensor 2 'b'" in told
    assert "and 1 more like it" in told


@pytest.mark.parametrize("stride", [0, -1, 2**16 + 1])
def test_strides_that_lead_nowhere_are_refused(stride: int) -> None:
    graph = many_operators()
    operators = list(graph.operators)
    place = next(op.index for op in operators if op.kind == "CONV_2D")
    bad = replace(operators[place], options={**operators[place].options, "stride_w": stride})
    operators[place] = bad
    told = refusal(write(replace(graph, operators=tuple(operators))))
    assert f"operator {place} (CONV_2D) has stride_w {stride}, expected 1 to 65536" in told


def test_operators_in_a_circle_are_refused() -> None:
    build = dense()
    graph = build.finish([3])
    a, b = build.activation("a", (1, 4)), build.activation("b", (1, 4))
    graph = build.finish([3])
    circle = (Operator(1, "RELU", (a,), (b,)), Operator(2, "RELU", (b,), (a,)))
    graph = Graph(graph.name, graph.tensors, graph.operators + circle, graph.inputs, graph.outputs)
    assert "operator 1 (RELU) reads tensor 4 'a' before it is computed" in refusal(write(graph))


def test_a_huge_vector_is_refused_without_walking_it() -> None:
    """The buffers' vector claims four thousand million elements."""
    data = bytearray(dense().model([3]))
    model = tflite.Model.GetRootAs(data, 0)
    start = model._tab.Vector(model._tab.Offset(12)) - 4
    assert struct.unpack_from("<I", data, start)[0] == 3
    struct.pack_into("<I", data, start, 0xFFFFFFFF)
    assert "4294967295 buffers" in refusal(bytes(data))


def test_one_vector_named_a_thousand_times_is_paid_for_each_time() -> None:
    source = flat.Source(bytes(1000), "model.tflite")
    source.count(1500, "scales")
    with pytest.raises(UsageError, match="600 scales"):
        source.count(600, "scales")


def test_names_are_shown_short_and_harmless() -> None:
    def change(model: schema.ModelT) -> None:
        tensor(model, 0).name = "\x1b[31m" + "n" * 500
        tensor(model, 0).type = tflite.TensorType.STRING

    told = refusal(rewritten(change))
    assert "\x1b" not in told
    assert len(told) < 160


def test_an_empty_constant_is_a_constant() -> None:
    build = dense()
    nothing = build.constant("scalar", np.zeros((0,), np.int32))
    y = build.op("RESHAPE", [3, nothing], [build.activation("z", (4,), scale=1.0)])
    graph = read(build.model([y]))
    assert graph.tensors[nothing].data is not None
    assert graph.tensors[nothing].shape == (0,)
