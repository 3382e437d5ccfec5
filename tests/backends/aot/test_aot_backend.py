"""What is generated: libraries asked in order, sizes probed, constants shared, text repeatable."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pytest_mlbench.backends.aot.backend import AotBackend
from pytest_mlbench.backends.interface import Backend, GenerateRequest
from pytest_mlbench.errors import UsageError
from pytest_mlbench.firmware.components import Component
from pytest_mlbench.kernels import interface
from pytest_mlbench.kernels.interface import (
    Array,
    KernelCall,
    KernelLibrary,
    LowerContext,
    Persistent,
    Pointers,
    Scratch,
    ScratchSize,
    Struct,
    TensorRef,
    no_sources,
)
from pytest_mlbench.kernels.reference.families import SOURCES
from pytest_mlbench.kernels.reference.library import ReferenceLibrary
from pytest_mlbench.models.operators import layers
from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import ModelCase
from pytest_mlbench.testing.check import generate_and_run

if TYPE_CHECKING:
    from pytest_mlbench.models.tflite.graph import Graph

KNOWN: dict[str, Any] = {"scale": 0.25, "zero_point": 3}


def _relus(count: int = 2, name: str = "relus") -> Graph:
    build = GraphBuilder(name)
    every = [build.input("x", (1, 10), **KNOWN)]
    for number in range(count):
        every.append(build.activation(f"t{number}", (1, 10), scale=0.125, zero_point=-100))
        build.op("RELU", [every[-2]], [every[-1]])
    return build.finish(every[1:])  # so that none goes into another


def _request(graph: Graph, *libraries: KernelLibrary, **changes: Any) -> GenerateRequest:
    request = GenerateRequest(
        graph=graph, model_data=b"", libraries=libraries, features=(), isa="rv32gc", optimize="1",
        config={}, sources=no_sources,
    )  # fmt: skip
    return replace(request, **changes)


def _text(request: GenerateRequest) -> str:
    return AotBackend().generate(request).components[0].texts["model.c"]


def test_contracts() -> None:
    assert isinstance(AotBackend(), Backend)
    assert isinstance(ReferenceLibrary(), KernelLibrary)


def test_the_same_request_gives_the_same_text() -> None:
    graph = _relus(5)
    assert _text(_request(graph)) == _text(_request(_relus(5)))


def test_comments_name_operator_shapes_and_kernel_and_cannot_be_escaped() -> None:
    text = _text(_request(_relus(2, name='*/ #error "ha" \\\n/*')))
    assert "/* 1 RELU: 1x10 -> 1x10: reference rescale */" in text
    assert "#error" not in text.replace('__ #error "ha"', "")
    assert text.count("/*") == text.count("*/")


def test_names_of_tensors_cannot_leave_their_comment() -> None:
    graph = _relus(1)
    tensors = (replace(graph.tensors[0], name="x */ int y; /* \n\\"), *graph.tensors[1:])
    text = _text(_request(replace(graph, tensors=tensors)))
    line = next(line for line in text.splitlines() if line.startswith("#define TENSOR_0 "))
    assert line.endswith("int8 x __ int y; __ __ */")


def test_equal_constants_are_written_once() -> None:
    text = _text(_request(_relus(4)))
    # The first RELU rescales, the other three are alike.
    assert len(re.findall(r"static const struct mlbench_rescale", text)) == 2


def test_only_the_files_of_called_kernels_are_parts() -> None:
    generated = AotBackend().generate(_request(_relus()))
    model, reference = generated.components
    assert (model.name, reference.name) == ("model", "reference")
    assert [path.name for path in reference.sources] == ["rescale.c"]
    assert generated.libraries.keys() == {"reference"}


def test_every_reference_kernel_is_a_function_in_its_file_and_in_the_header() -> None:
    folder = Path(interface.__file__).parent
    headers = [path.read_text(encoding="utf-8") for path in (folder / "include").glob("*.h")]
    declared = set(re.findall(r"void mlbench_reference_(\w+)\(", "".join(headers)))
    assert declared == set(SOURCES)
    for kernel, file in SOURCES.items():
        source = (folder / "reference" / file).read_text(encoding="utf-8")
        assert f"void mlbench_reference_{kernel}(" in source


def test_profiling_brackets_many_operators() -> None:
    graph = _relus(3)
    text = _text(_request(graph, profile=True))
    calls = re.findall(r"mlbench_profile_operator\((\d)\);", text)
    assert calls == ["0", "1", "2"]
    assert "mlbench_profile" not in _text(_request(graph))


def test_operators_rows() -> None:
    generated = AotBackend().generate(_request(_relus(1)))
    assert generated.operators == (
        {
            "index": 0,
            "name": "RELU",
            "shape": "1x10",
            "kernel": "rescale",
            "library": "reference",
            "macs": 0,
        },
    )


class Doubling(KernelLibrary):
    """A library of one kernel with scratch and persistent buffers whose sizes C code decides."""

    name = "doubling"
    features = ()

    def __init__(self, folder: Path, sizes: str | int = 24) -> None:
        self.folder = folder
        self.sizes = sizes

    def lower(self, layer: layers.Layer, context: LowerContext) -> KernelCall | None:
        if not isinstance(layer, layers.Rescale) or layer.index == 0:
            return None
        table = Array("int16_t", np.array([layer.count, -32768], np.int16), align=8, name="sizes")
        struct = Struct("struct doubling", {"sizes": table, "scale": 0.1, "half": 0.5})
        main = KernelCall(
            kernel="doubled",
            library=self.name,
            function="doubled",
            header="doubling.h",
            arguments=(
                struct,
                Pointers((TensorRef(layer.inputs[0]), Persistent()), name="sources"),
                Scratch(8),
                ScratchSize(),
                TensorRef(layer.outputs[0]),
            ),
            scratch=self.sizes,
            persistent=self.sizes,
        )
        setup = replace(main, function="prepare", arguments=(Persistent(), ScratchSize()))
        return replace(main, setup=setup)

    def components(self, kernels: frozenset[str], context: LowerContext) -> tuple[Component, ...]:
        assert kernels == {"doubled"}
        (self.folder / "doubling.h").write_text(
            """#ifndef DOUBLING_H
#define DOUBLING_H
#include <stdint.h>
struct doubling { const int16_t *sizes; double scale; float half; };
static inline int32_t doubling_size(int32_t n) { return 4 * n; }
void prepare(void *persistent, int32_t bytes);
void doubled(const struct doubling *params, const void *const *sources, void *scratch,
             int32_t bytes, void *output);
#endif
"""
        )
        (self.folder / "doubling.c").write_text(
            """#include "doubling.h"
#include <string.h>
void prepare(void *persistent, int32_t bytes) { memset(persistent, 3, (size_t)bytes); }
void doubled(const struct doubling *params, const void *const *sources, void *scratch,
             int32_t bytes, void *output) {
  const int8_t *input = sources[0], *kept = sources[1];
  int8_t *to = output;
  memset(scratch, 0, (size_t)bytes - 8);
  if (params->scale != 0.1 || params->half != 0.5f || params->sizes[1] != -32768) return;
  if ((uintptr_t)params->sizes % 8) return;
  for (int i = 0; i < params->sizes[0]; ++i) to[i] = (int8_t)(input[i] + kept[i]);
}
"""
        )
        return (
            Component(
                self.name,
                sources=(self.folder / "doubling.c",),
                headers=(self.folder,),
                public=True,
            ),
        )


@pytest.mark.parametrize("sizes", [24, "doubling_size((int32_t[]){6}[0])"])
def test_a_library_is_asked_first_and_its_sizes_are_probed(
    tmp_path: Path, sizes: str | int
) -> None:
    library = Doubling(tmp_path, sizes)
    graph = _relus(3)
    values = np.arange(-5, 5, dtype=np.int8).reshape(1, 10)
    model = ModelCase(graph, ((values,), (values[:, ::-1].copy(),)))
    generated, outputs = generate_and_run(model, _request(graph, library))
    assert [row["library"] for row in generated.operators] == [
        "reference", "doubling", "doubling",
    ]  # fmt: skip
    plain = ModelCase(_relus(1), model.samples)
    _, first = generate_and_run(plain, _request(plain.graph))
    for got, want in zip(outputs, first, strict=True):
        expected = np.frombuffer(want[0], np.int8) + np.int8(6)
        assert got[-1] == expected.tobytes()
    # Two persistent buffers, one scratch buffer, and in the end three tensors.
    assert generated.arena_peak == generated.arena_bound == 2 * 32 + 32 + 3 * 16
    probing = AotBackend().generate(_request(graph, library))
    assert probing.probe == isinstance(sizes, str)


def test_a_size_that_is_an_error_code_is_refused(tmp_path: Path) -> None:
    request = _request(_relus(2), Doubling(tmp_path, "doubling_size(-1)"))
    with pytest.raises(UsageError, match="operator 1: doubling asks for 4,294,967,295 bytes"):
        AotBackend().generate(replace(request, probe=(2**32 - 1, 0)))
    with pytest.raises(UsageError, match="reported 1 of 2 sizes"):
        AotBackend().generate(replace(request, probe=(1,)))


def test_float_parameters_are_exact() -> None:
    scale = float(np.float32(0.1))
    build = GraphBuilder()
    x = build.input("x", (1, 3), scale=scale)
    y = build.activation("y", (1, 3), "float32")
    build.op("DEQUANTIZE", [x], [y])
    text = _text(_request(build.finish([y])))
    found = re.search(r"\.scale = (0x[0-9a-fp.+-]+)f,", text)
    assert found is not None
    assert float.fromhex(found[1]) == scale
