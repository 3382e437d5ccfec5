"""Generates, builds and runs models, and compares outputs element by element."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.backends.aot.backend import AotBackend
from pytest_mlbench.backends.interface import GenerateRequest
from pytest_mlbench.kernels.interface import no_sources
from pytest_mlbench.process import scratch

from . import host, spike
from .golden import ReferenceFailed, golden
from .model import LayerCase, ModelCase, combine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from pytest_mlbench.backends.interface import Generated
    from pytest_mlbench.kernels.interface import KernelLibrary


class Mismatch(AssertionError):
    """An output element differs from TensorFlow Lite Micro's."""


def check_layers(
    cases: Sequence[LayerCase],
    *,
    libraries: tuple[KernelLibrary, ...] = (),
    features: tuple[str, ...] = (),
    optimize: str = "1",
    runner: str = "host",
    isa: str = "rv32gc",
    config: Mapping[str, str] | None = None,
    sources: Callable[[str], Path] = no_sources,
) -> Generated:
    """`check_models` for one model that contains all the layers."""
    return check_models(
        [combine(cases)],
        libraries=libraries,
        features=features,
        optimize=optimize,
        runner=runner,
        isa=isa,
        config=config,
        sources=sources,
    )[0]


def check_models(
    models: Sequence[ModelCase],
    *,
    libraries: tuple[KernelLibrary, ...] = (),
    features: tuple[str, ...] = (),
    optimize: str = "1",
    runner: str = "host",
    isa: str = "rv32gc",
    config: Mapping[str, str] | None = None,
    sources: Callable[[str], Path] = no_sources,
) -> list[Generated]:
    """Raises Mismatch if an output of any sample differs from TensorFlow Lite Micro's.

    Returns the backend's output, for further assertions (which kernel ran which layer).
    """
    results = []
    for model in models:
        request = GenerateRequest(
            graph=model.graph,
            model_data=b"",
            libraries=libraries,
            features=features,
            isa=isa,
            optimize=optimize,
            config=config or {},
            sources=sources,
        )
        generated, outputs = generate_and_run(model, request, runner=runner)
        compare(model, outputs, _golden(model, reset=request.resets))
        results.append(generated)
    return results


def _golden(model: ModelCase, *, reset: bool) -> list[list[bytes]]:
    """The reference's outputs. If it fails, the error names the layer."""
    try:
        return golden(model, reset=reset)
    except ReferenceFailed as error:
        guilty = [f"{case!r}: {found}" for case in model.parts if (found := _failure(case))]
        raise ReferenceFailed("\n".join([str(error), *guilty])) from error


def _failure(case: LayerCase) -> str:
    try:
        golden(case)
    except ReferenceFailed as error:
        return str(error)
    return ""


def generate_and_run(
    model: ModelCase, request: GenerateRequest, *, runner: str = "host"
) -> tuple[Generated, list[list[bytes]]]:
    """The backend's output and the outputs of all samples; runs a probe first if needed."""
    from dataclasses import replace

    backend = AotBackend()
    generated = backend.generate(request)
    if generated.probe:
        numbers = _probe(generated, request, runner)
        generated = backend.generate(replace(request, probe=numbers))
    sizes = tuple(model.graph.tensors[index].bytes for index in model.graph.outputs)
    stdin = [model.stdin(sample) for sample in range(len(model.samples))]
    defines = ("MLBENCH_RESET",) if request.resets else ()
    if runner == "spike":
        ran, _ = spike.simulate(
            generated.components,
            stdin,
            sizes,
            optimize=request.optimize,
            isa=request.isa,
            defines=defines,
        )
        return generated, [list(outputs) for outputs in ran.outputs]
    with scratch.folder("host") as folder:
        program = host.build(
            generated.components, folder, optimize=request.optimize, defines=defines
        )
        data = host.run(program, b"".join(stdin))
    assert len(data) == sum(sizes) * len(stdin), f"{len(data)} bytes of output"
    outputs, position = [], 0
    for _ in stdin:
        row = []
        for size in sizes:
            row.append(data[position : position + size])
            position += size
        outputs.append(row)
    return generated, outputs


def _probe(generated: Generated, request: GenerateRequest, runner: str) -> tuple[int, ...]:
    if runner == "spike":
        ran, _ = spike.simulate(
            generated.components,
            [],
            (),
            optimize=request.optimize,
            isa=request.isa,
            defines=("MLBENCH_PROBE",),
        )
        return ran.probe
    with scratch.folder("host") as folder:
        program = host.build(
            generated.components,
            folder,
            optimize=request.optimize,
            defines=("MLBENCH_PROBE",),
        )
        return tuple(np.frombuffer(host.run(program, b""), np.uint32).tolist())


def compare(
    model: ModelCase, outputs: Sequence[Sequence[bytes]], expected: Sequence[Sequence[bytes]]
) -> None:
    """Raises Mismatch that names layer, sample, element, actual and expected value."""
    owners = [case for case in model.parts for _ in case.graph.outputs]
    for sample, (got_row, want_row) in enumerate(zip(outputs, expected, strict=True)):
        for number, (got, want) in enumerate(zip(got_row, want_row, strict=True)):
            if got == want:
                continue
            tensor = model.graph.tensors[model.graph.outputs[number]]
            mine, theirs = (np.frombuffer(data, tensor.dtype) for data in (got, want))
            wrong = np.flatnonzero(mine != theirs)
            if not wrong.size:  # NaN or -0.0 in other clothes
                wrong = np.flatnonzero(
                    np.frombuffer(got, np.uint8) != np.frombuffer(want, np.uint8)
                )
            place = int(wrong[0])
            who = repr(owners[number]) if owners else f"output {number}"
            raise Mismatch(
                f"{who}: sample {sample}, element {place} of {tensor.shape}: got {mine[place]}, "
                f"expected {theirs[place]} ({wrong.size} of {mine.size} differ)"
            )
