"""What the backend tflmi makes of a model, without any tool."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from libraries import doubles
from tflite.BuiltinOperator import BuiltinOperator

from pytest_mlbench.backends.aot.backend import AotBackend
from pytest_mlbench.backends.interface import GenerateRequest
from pytest_mlbench.backends.tflmi import glue, operators, tree
from pytest_mlbench.backends.tflmi.backend import TflmiBackend
from pytest_mlbench.errors import Unavailable, UsageError
from pytest_mlbench.kernels.cmsisnn import CMSISNN
from pytest_mlbench.kernels.interface import no_sources
from pytest_mlbench.kernels.muriscvnn import MURISCVNN
from pytest_mlbench.kernels.reference.library import ReferenceLibrary
from pytest_mlbench.models.operators.redundant import file_of
from pytest_mlbench.models.tflite.graph import Graph, Operator, Tensor
from pytest_mlbench.models.tflite.reader import read
from pytest_mlbench.models.twins import build
from pytest_mlbench.provision.pins import pins

if TYPE_CHECKING:
    from pathlib import Path

ROOT = doubles.TFLM / "tflite-micro"
MICRO = ROOT / tree.MICRO


@pytest.fixture(scope="module")
def request_() -> GenerateRequest:
    data = build("toycar")
    known = {
        "tflite-micro": ROOT,
        "flatbuffers": doubles.TFLM / "flatbuffers",
        "gemmlowp": doubles.TFLM / "gemmlowp",
        "ruy": doubles.TFLM / "ruy",
        "cmsisnn": doubles.CMSIS_NN,
    }
    return GenerateRequest(
        graph=read(data, where="toycar_twin"),
        model_data=data,
        libraries=(ReferenceLibrary(),),
        features=(),
        isa="rv32gc",
        optimize="3",
        config={},
        sources=lambda name: known[name],
        compiler="gcc 12.2.0",
    )


def graph(*kinds: str) -> Graph:
    tensors = (Tensor(0, "x", (1, 4), "int8"), Tensor(1, "y", (1, 4), "int8"))
    found = tuple(Operator(i, kind, (0,), (1,)) for i, kind in enumerate(kinds))
    return Graph("toy", tensors, found, (0,), (1,))


def test_the_core_is_what_the_makefile_would_take() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in tree.core(ROOT)}
    assert f"{tree.MICRO}/micro_interpreter.cc" in names
    assert f"{tree.MICRO}/memory_planner/greedy_memory_planner.cc" in names
    assert "tensorflow/lite/core/c/common.cc" in names
    left_out = ("array.cc", "experiment.cc", "some_test.cc", "arc_only.cc")
    assert not [name for name in names if name.endswith(left_out) or "/kernels/" in name]


def test_a_library_replaces_the_files_of_the_same_name() -> None:
    plain = {path.relative_to(MICRO / "kernels").as_posix() for path in tree.kernels(ROOT)}
    seven = sorted(set(operators.OVERRIDES.values()))
    assert len(seven) == 7
    replaced = {
        path.relative_to(MICRO / "kernels").as_posix() for path in tree.kernels(ROOT, seven)
    }
    assert replaced == {f"cmsis_nn/{name}.cc" for name in seven} | {"reshape.cc"}
    assert plain == {f"{name}.cc" for name in seven} | {"reshape.cc"}


@pytest.mark.parametrize(
    ("gone", "what"),
    [
        (tree.INTERPRETER, "not a checkout of TensorFlow Lite Micro"),
        (tree.MAKEFILE, "not a checkout of TensorFlow Lite Micro"),
        (f"{tree.MICRO}/kernels/cmsis_nn/conv.cc", "there is no tensorflow"),
        (f"{tree.MICRO}/kernels/reshape.cc", "there is no tensorflow"),
    ],
)
def test_a_tree_that_lacks_a_file_is_refused_by_its_name(
    gone: str, what: str, request_: GenerateRequest, tmp_path: Path
) -> None:
    folder = tmp_path / "tflm"
    shutil.copytree(ROOT, folder)
    (folder / gone).unlink()
    known = request_.sources
    broken = replace(
        request_,
        libraries=(CMSISNN,),
        features=("cmsisnn",),
        sources=lambda name: folder if name == "tflite-micro" else known(name),
    )
    with pytest.raises(UsageError) as caught:
        TflmiBackend().generate(broken)
    assert what in str(caught.value)
    assert gone.rsplit("/", 1)[-1] in str(caught.value)


def test_a_makefile_without_the_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / tree.MAKEFILE).parent.mkdir(parents=True)
    (tmp_path / tree.MAKEFILE).write_text("OTHER := tensorflow/lite/micro/kernels/add.cc\n")
    with pytest.raises(UsageError, match="MICROLITE_CC_KERNEL_SRCS"):
        tree.kernels(tmp_path)
    (tmp_path / tree.MAKEFILE).write_text("MICROLITE_CC_KERNEL_SRCS :=\n")
    with pytest.raises(UsageError, match="MICROLITE_CC_KERNEL_SRCS"):
        tree.kernels(tmp_path)
    with pytest.raises(UsageError, match="MICROLITE_CC_BASE_SRCS"):
        tree.core(tmp_path)


def test_a_folder_that_a_newer_makefile_names_is_taken_too(tmp_path: Path) -> None:
    folder = tmp_path / "tflm"
    shutil.copytree(ROOT, folder)
    new = folder / tree.MICRO / "kernels" / "internal"
    new.mkdir()
    (new / "new.cc").write_text("")
    assert new / "new.cc" not in tree.core(folder)
    makefile = folder / tree.MAKEFILE
    line = f"$(wildcard $(TENSORFLOW_ROOT){tree.MICRO}/kernels/internal/*.cc) \\\n$(TFL_CC_SRCS)"
    makefile.write_text(makefile.read_text().replace("$(TFL_CC_SRCS)", line))
    assert new / "new.cc" in tree.core(folder)


def test_only_the_operators_of_the_model_are_registered() -> None:
    known = tree.resolver_methods(ROOT)
    toy = graph("RESHAPE", "FULLY_CONNECTED", "FULLY_CONNECTED", "SOFTMAX")
    assert operators.methods(toy, known) == ("AddFullyConnected", "AddReshape", "AddSoftmax")


def test_many_operators_without_a_kernel_is_named_at_once() -> None:
    known = tree.resolver_methods(ROOT)
    with pytest.raises(UsageError) as caught:
        operators.methods(graph("SOFTMAX", "TANH", "CUSTOM", "CONV_3D", "WHILE", "SLICE"), known)
    assert "mlbench registers no kernel for CONV_3D, CUSTOM" in str(caught.value)
    assert "this TensorFlow Lite Micro has no kernel for SLICE, TANH, WHILE" in str(caught.value)


UPSTREAM = """
Abs Add AddN ArgMax ArgMin AssignVariable AveragePool2D BatchMatMul BatchToSpaceNd BroadcastArgs
BroadcastTo CallOnce Cast Ceil Concatenation Conv2D Cos CumSum DepthToSpace DepthwiseConv2D
Dequantize Div Elu EmbeddingLookup Equal Exp ExpandDims Fill Floor FloorDiv FloorMod FullyConnected
Gather GatherNd Greater GreaterEqual HardSwish If L2Normalization L2Pool2D LeakyRelu Less LessEqual
Log LogSoftmax LogicalAnd LogicalNot LogicalOr Logistic MaxPool2D Maximum Mean Minimum MirrorPad
Mul Neg NotEqual Pack Pad PadV2 Prelu Quantize ReadVariable ReduceMax Relu Relu6 Reshape
ResizeBilinear ResizeNearestNeighbor Round Rsqrt SelectV2 Shape Sin Slice Softmax SpaceToBatchNd
SpaceToDepth Split SplitV Sqrt Square SquaredDifference Squeeze StridedSlice Sub Sum Svdf Tanh
Transpose TransposeConv UnidirectionalSequenceLSTM Unpack VarHandle While ZerosLike
"""
"""The names of late 2024's resolver, those of variables and of several subgraphs among them."""


def test_every_method_of_the_resolver_is_known_by_its_operator() -> None:
    upstream = UPSTREAM.split()
    assert set(operators.METHODS.values()) == {f"Add{name}" for name in upstream}
    kinds = {name for name in vars(BuiltinOperator) if name.isupper()}
    assert set(operators.METHODS) <= kinds


def test_the_remedy_for_a_wrong_checkout_names_a_source_that_exists(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        tree.check(tmp_path)
    option = re.search(r"--mlbench-source ([\w-]+)=PATH", str(caught.value))
    assert option is not None
    assert option[1] in pins().sources


def test_the_first_request_asks_for_a_probe_the_second_has_the_arena(
    request_: GenerateRequest,
) -> None:
    first = TflmiBackend().generate(request_)
    assert first.probe
    assert not first.metrics
    second = TflmiBackend().generate(replace(request_, probe=(3000, 3264)))
    assert not second.probe
    assert second.metrics == {"arena_peak": 3000, "arena_declared": 3264}
    glue = next(component for component in second.components if component.name == "glue").texts[
        "glue.cc"
    ]
    assert "kArenaBytes = 3264;" in glue
    assert "resolver.AddFullyConnected()" in glue
    assert glue.count("resolver.Add") == 1
    assert second.operators[0]["library"] == "tflm"
    assert sum(row["macs"] for row in second.operators) == 264192


def test_a_configured_arena_is_used_or_refused(request_: GenerateRequest) -> None:
    def arena(text: str) -> int:
        made = TflmiBackend().generate(
            replace(request_, probe=(3000, 3264), config={"arena": text})
        )
        return made.metrics["arena_declared"]

    assert arena("5000") == 5008
    with pytest.raises(UsageError, match="It needs 3,264 bytes"):
        arena("3263")
    with pytest.raises(UsageError, match="expected a number of bytes"):
        arena("much")


def test_the_same_request_gives_the_same_parts(request_: GenerateRequest) -> None:
    again = replace(request_, probe=(1, 16))
    assert TflmiBackend().generate(again) == TflmiBackend().generate(again)


def test_profiling_keeps_the_strings_that_events_need(request_: GenerateRequest) -> None:
    profiled = TflmiBackend().generate(replace(request_, profile=True, probe=(1, 16)))
    plain = TflmiBackend().generate(replace(request_, probe=(1, 16)))
    stripped = {"framework": False, "kernels": False, "glue": False, "framework_log": True}
    for component in profiled.components:
        if component.name in stripped:
            found = "TF_LITE_STRIP_ERROR_STRINGS" in component.defines
            assert found == stripped[component.name], component.name
    assert all(
        "TF_LITE_STRIP_ERROR_STRINGS" in component.defines
        for component in plain.components
        if component.name in stripped
    )
    assert "error strings" in profiled.notes[0]
    assert not plain.notes


def test_struct_layouts_agree_between_framework_and_glue(request_: GenerateRequest) -> None:
    made = TflmiBackend().generate(
        replace(request_, libraries=(CMSISNN,), features=("cmsisnn",), probe=(1, 16))
    )
    compiled = [
        component
        for component in made.components
        if component.name in ("framework", "kernels", "glue")
    ]
    assert len(compiled) == 3
    assert all("TF_LITE_STATIC_MEMORY" in component.defines for component in compiled)
    kernels = next(component for component in made.components if component.name == "kernels")
    assert "CMSIS_NN" in kernels.defines
    assert made.operators[0] == {
        "index": 0,
        "name": "FULLY_CONNECTED",
        "shape": "1x128",
        "kernel": "cmsis_nn/fully_connected",
        "library": "cmsisnn",
        "macs": 640 * 128,
    }


def test_framework_is_one_part_for_all_models_and_libraries(request_: GenerateRequest) -> None:
    def framework(**changes: Any) -> object:
        made = TflmiBackend().generate(replace(request_, probe=(1, 16), **changes))
        return [component for component in made.components if component.name == "framework"]

    assert framework() == framework(libraries=(CMSISNN,), features=("cmsisnn",))
    assert framework() == framework(model_data=b"other")


def test_one_library_at_most_and_none_of_another_kind(request_: GenerateRequest) -> None:
    with pytest.raises(UsageError, match="takes one kernel library"):
        TflmiBackend().generate(replace(request_, libraries=(CMSISNN, MURISCVNN)))

    class Other:
        name = "mine"
        features = ()

    with pytest.raises(UsageError, match="'mine' has no kernels for backend 'tflmi'"):
        TflmiBackend().generate(replace(request_, libraries=(Other(),)))  # type: ignore[arg-type]


def test_what_a_library_gets_wrong_inside_the_framework_is_known_by_operator(
    request_: GenerateRequest, tmp_path: Path
) -> None:
    """MobileNet's layers of 128 and 256 channels with 3x3 pixels; not those with 6x6."""
    folder = doubles.muriscv_nn(tmp_path / "m")
    vww = replace(
        request_,
        graph=read(build("vww"), where="vww_twin"),
        libraries=(MURISCVNN,),
        sources=lambda _: folder,
    )
    told = TflmiBackend().known(replace(vww, features=("muriscvnn", "vext")))
    assert [row for row in told if "the remaining pixels" in row] == [
        f"muRISCV-NN, operator {index} DEPTHWISE_CONV_2D: with vectors, the remaining pixels "
        "of 3x3 are wrong from channel 124 on"
        for index in (23, 25)
    ]
    assert TflmiBackend().known(replace(vww, features=("muriscvnn",))) == ()
    assert TflmiBackend().known(replace(vww, libraries=(CMSISNN,), features=("cmsisnn",))) == ()


def test_what_a_compiler_does_to_vector_kernels_is_known_in_both_backends(
    request_: GenerateRequest, tmp_path: Path
) -> None:
    folder = doubles.muriscv_nn(tmp_path / "m")
    given = replace(request_, libraries=(MURISCVNN,), sources=lambda _: folder)
    vectors = replace(given, features=("muriscvnn", "vext"), compiler="gcc 13.2.0")
    for backend in (TflmiBackend(), AotBackend()):
        (told,) = backend.known(vectors)
        assert told.startswith("muRISCV-NN, GCC 13: with vectors, it may leave out a vsetvli")
        for other in ("gcc 14.2.0", "clang 22.1.8", ""):
            assert backend.known(replace(vectors, compiler=other)) == ()
        assert backend.known(replace(given, features=("muriscvnn",), compiler="gcc 13.2.0")) == ()
    assert AotBackend().known(replace(vectors, libraries=())) == ()


def test_a_source_that_is_not_to_be_had_cannot_run(request_: GenerateRequest) -> None:
    with pytest.raises(Unavailable):
        TflmiBackend().generate(replace(request_, sources=no_sources))


def test_a_model_with_variables_gets_memory_for_each(request_: GenerateRequest) -> None:
    def handle(index: int, name: str) -> Operator:
        return Operator(index, "VAR_HANDLE", (), (1,), {"container": "", "shared_name": name})

    called = replace(graph("ASSIGN_VARIABLE"), operators=(handle(0, "a"),))
    model = graph("READ_VARIABLE", "READ_VARIABLE", "READ_VARIABLE")
    handles = (handle(0, "a"), handle(1, "b"), model.operators[2])
    model = replace(model, operators=handles, subgraphs={1: called})
    methods = operators.methods(model, operators.METHODS.values())
    assert methods == ("AddReadVariable", "AddVarHandle")
    text = glue.glue(model, methods, 4096)
    assert text.count("MicroResourceVariables::Create(allocator, 2)") == 1
    assert "MicroResourceVariables" not in glue.glue(request_.graph, (), 4096)


def test_a_depth_multiplier_of_0_is_filled_in_for_the_interpreter(
    request_: GenerateRequest,
) -> None:
    tensors = (
        Tensor(0, "x", (1, 2, 2, 2), "int8"),
        Tensor(1, "w", (1, 1, 1, 4), "int8"),
        Tensor(2, "y", (1, 2, 2, 4), "int8"),
    )
    options = {"padding": "VALID", "stride_h": 1, "stride_w": 1, "depth_multiplier": 0}
    layer = Operator(0, "DEPTHWISE_CONV_2D", (0, 1), (2,), options)
    model = Graph("toy", tensors, (layer,), (0, 1), (2,))
    assert file_of(request_.graph, b"as given") == b"as given"
    full = read(file_of(model, b"as given"), where="toy")
    assert full.operators[0].options["depth_multiplier"] == 2
