"""The libraries' adapters on Spike, against doubles: built, run, compared bit for bit."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from libraries import doubles
from libraries.small_models import depthwise

from pytest_mlbench import process
from pytest_mlbench.case import Case
from pytest_mlbench.errors import SimulationFailed
from pytest_mlbench.firmware import flags
from pytest_mlbench.kernels.cmsisnn import CMSISNN
from pytest_mlbench.kernels.muriscvnn import MURISCVNN, faults
from pytest_mlbench.measure.chain import Chain, run_case
from pytest_mlbench.models.model import Model
from pytest_mlbench.testing import LAYERS, check_layers, given_layers

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.measure.registry import Registry
    from pytest_mlbench.measure.toolbox import Toolbox
    from pytest_mlbench.records.record import Record
    from pytest_mlbench.testing import LayerCase

pytestmark = pytest.mark.spike

FEW = {"aww": 2, "resnet": 1, "vww": 1, "toycar": 2}
"""Samples for the zoo: each runs the same code, and random layers vary the values. A second one
finds what the first leaves behind."""


@pytest.mark.parametrize("model", ["aww", "resnet", "vww", "toycar"])
def test_the_zoo_is_bit_exact_with_cmsisnn(
    model: str,
    toolbox_with: Callable[..., Toolbox],
    known: Registry,
    passed: Callable[[Record], Record],
) -> None:
    record = passed(
        run_case(
            Case(f"{model}_twin", "aot", ("cmsisnn",)), toolbox_with(samples=FEW[model]), known
        )
    )
    libraries = {row["name"]: row["library"] for row in record.operators}
    assert libraries.pop("RESHAPE", "") == ""
    assert set(libraries.values()) == {"cmsisnn"}
    assert set(record.provenance["libraries"]) == {"cmsisnn"}
    assert record.provenance["libraries"]["cmsisnn"].startswith("contract double")


@pytest.mark.parametrize("model", ["aww", "toycar"])
def test_models_are_bit_exact_with_muriscvnn_at_os(
    model: str,
    toolbox_with: Callable[..., Toolbox],
    known: Registry,
    passed: Callable[[Record], Record],
) -> None:
    case = Case(f"{model}_twin", "aot", ("muriscvnn",), "s")
    record = passed(run_case(case, toolbox_with(samples=FEW[model]), known))
    assert set(record.provenance["libraries"]) == {"muriscvnn"}
    assert record.metrics["setup_cycles"] > 1000, "kernel sums are computed in the set-up"


@pytest.mark.parametrize(
    ("backend", "features", "level"),
    [
        ("aot", ("cmsisnn",), "3"),
        ("aot", ("muriscvnn",), "s"),
        ("tflmi", (), "s"),
        ("tflmi", ("cmsisnn",), "3"),
        ("tflmi", ("muriscvnn",), "3"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, tuple) else value,
)
def test_everything_is_compiled_at_one_level(
    backend: str,
    features: tuple[str, ...],
    level: str,
    toolbox_with: Callable[..., Toolbox],
    known: Registry,
) -> None:
    """Framework, library, adapter, model, glue and runtime, though both doubles' own CMake files
    name other levels. With tflmi, firmware that `test_tflmi_spike.py` runs."""
    toolbox = toolbox_with(until="build")
    chain = Chain(Case("toycar_twin", backend, features, level), toolbox, known)
    built = chain.firmware
    database = json.loads(built.compile_commands.read_text())
    names = {Path(row["file"]).name for row in database}
    wanted = {"aot": {"model.c"}, "tflmi": {"glue.cc", "micro_interpreter.cc", "model_data.c"}}
    library = {
        "cmsisnn": "arm_fully_connected_s8.c",
        "muriscvnn": "muriscv_nn_fully_connected_s8.c",
    }
    assert {*wanted[backend], *(library[name] for name in features), "main.c"} <= names
    for row in database:
        levels = [word for word in flags.used(row) if word.startswith("-O")]
        assert levels, row["file"]
        assert levels[-1] == f"-O{level}", row["file"]
    assert all(f"-O{level}" in words for words in built.compile_flags.values())


@pytest.mark.parametrize("library", [CMSISNN, MURISCVNN], ids=lambda library: library.name)
def test_random_layers_are_bit_exact(library: Any, toolbox_with: Callable[..., Toolbox]) -> None:
    from hypothesis import strategies as st

    kinds = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "AVERAGE_POOL_2D", "MAX_POOL_2D")
    mixed = st.one_of(*(LAYERS[kind] for kind in (*kinds, "ADD", "MUL", "SOFTMAX")))

    @given_layers(mixed, few=24)
    def check(cases: list[LayerCase]) -> None:
        check_layers(
            cases,
            libraries=(library,),
            features=(library.name,),
            sources=toolbox_with().source,
            runner="spike",
        )

    check()


@pytest.mark.parametrize(("channels", "library"), [(4, "muriscvnn"), (6, "reference")])
def test_word_loads_at_odd_addresses_are_kept_from_happening(
    channels: int,
    library: str,
    toolbox_with: Callable[..., Toolbox],
    known: Registry,
    passed: Callable[[Record], Record],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    some = replace(known, models={"dw": Model("dw", build=partial(depthwise, channels))})
    case = Case("dw", "aot", ("muriscvnn",))
    record = passed(run_case(case, toolbox_with(), some))
    assert [row["library"] for row in record.operators] == [library]
    if library == "reference":
        monkeypatch.setattr(faults, "fault", lambda *_, **__: "")
        trapped = run_case(case, toolbox_with(), some)
        assert "misaligned load" in trapped.reason
        assert "in muriscv_nn_depthwise_conv_3x3_s8" in trapped.reason


def test_a_scratch_buffer_that_is_too_small_is_named(
    toolbox_with: Callable[..., Toolbox], known: Registry
) -> None:
    chain = Chain(Case("aww_twin", "aot", ("cmsisnn",)), toolbox_with(), known)
    request = chain.request()
    backend = known.backend("aot")
    probing = chain.build(backend.generate(request), define="MLBENCH_PROBE")
    numbers = chain.run(probing, ()).probe
    less = tuple(max(0, number - 1) for number in numbers)
    firmware = chain.build(backend.generate(replace(request, probe=less)))
    with pytest.raises(SimulationFailed, match="mlbench_cmsisnn_scratch_too_small"):
        chain.run(firmware, chain.model.samples[:1])


def test_vext_reaches_the_library_and_nothing_else(
    toolbox_with: Callable[..., Toolbox], known: Registry, tmp_path: Path
) -> None:
    """With the macro, fully connected layers want kernel sums. The double is plain C, so that a
    compiler without intrinsics will do, when it is not asked for its version."""
    sources = {"muriscvnn": doubles.muriscv_nn(tmp_path / "m")}
    case = Case("toycar_twin", "aot", ("muriscvnn", "vext"))
    refused = run_case(case, toolbox_with(sources=sources), known)
    chain = Chain(case, toolbox_with(sources=sources), known)
    if chain.toolchain.version.startswith("12."):
        assert refused.outcome == "skipped"
        assert "RVV intrinsics" in refused.reason
    request = replace(chain.request(), compiler="")
    backend = known.backend("aot")
    probing = chain.build(backend.generate(request), define="MLBENCH_PROBE")
    numbers = chain.run(probing, ()).probe
    assert sum(numbers) > 0, "no kernel sums: USE_VEXT did not reach the library"
    firmware = chain.build(backend.generate(replace(request, probe=numbers)))
    flags_of = firmware.compile_flags
    assert [word for word in flags_of["muriscvnn"] if word.startswith("-march")][-1] == (
        "-march=rv32gcv"
    )
    assert "-DUSE_VEXT" in flags_of["muriscvnn"]
    for component in ("model", "muriscvnn_adapter"):
        assert "-march=rv32gcv" not in flags_of[component]
    assert len(chain.run(firmware, chain.model.samples).outputs) == len(chain.model.samples)


@pytest.mark.parametrize("backend", ["aot", "tflmi"])
def test_the_first_layer_that_differs_is_named(
    backend: str, toolbox_with: Callable[..., Toolbox], known: Registry, tmp_path: Path
) -> None:
    """A library that is wrong by one wherever a layer has eight outputs: toycar's fifth."""
    folder = doubles.variant(tmp_path / "c", connected_only=True)
    kernel = folder / "Source/FullyConnectedFunctions/arm_fully_connected_s8.c"
    text = kernel.read_text()
    changed = text.replace(
        "sum + fc_params->output_offset", "sum + fc_params->output_offset + (filter_dims->c == 8)"
    )
    assert changed != text
    kernel.write_text(changed)
    toolbox = toolbox_with()
    settings = {"sources": {**toolbox.settings.sources, "cmsisnn": folder}, "bisect": True}
    record = run_case(Case("toycar_twin", backend, ("cmsisnn",)), toolbox_with(**settings), known)
    assert record.outcome == "failed"
    assert "The first layer that differs is operator 4 FULLY_CONNECTED" in record.reason
    assert "cmsisnn" in record.reason
    assert "the largest difference is 1" in record.reason


def test_two_revisions_of_a_library_are_two_rows(
    toolbox_with: Callable[..., Toolbox],
    known: Registry,
    passed: Callable[[Record], Record],
    tmp_path: Path,
) -> None:
    folder = doubles.variant(tmp_path / "cmsis_nn", connected_only=True)
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "one"), ("tag", "old")):
        _git(folder, *words)
    kernel = folder / "Source/FullyConnectedFunctions/arm_fully_connected_s8.c"
    slower = kernel.read_text().replace(
        "  for (int32_t batch",
        "  for (volatile int i = 0; i < 1000; i++) {\n  }\n  for (int32_t batch",
    )
    kernel.write_text(slower)
    _git(folder, "commit", "-qam", "two")
    toolbox = toolbox_with(sources={"cmsisnn": folder}, revisions=("cmsisnn@old", "cmsisnn@HEAD"))
    rows = []
    for name in ("cmsisnn@old", "cmsisnn@HEAD"):
        case = Case("toycar_twin", "aot", ("cmsisnn",), choices={"revision": name})
        rows.append(passed(run_case(case, toolbox, known)))
    assert [row.case.rsplit("-", 1)[1] for row in rows] == ["cmsisnn@old", "cmsisnn@HEAD"]
    assert rows[0].metrics["run_cycles"] + 10_000 < rows[1].metrics["run_cycles"]
    assert len({row.provenance["libraries"]["cmsisnn"] for row in rows}) == 2


def _git(folder: Path, *words: str) -> None:
    known = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    done = process.run(["git", *known, *words], cwd=folder, timeout=60)
    assert done.returncode == 0, done.error_text


def test_a_checkout_without_the_library_target_is_refused(
    toolbox_with: Callable[..., Toolbox], known: Registry, tmp_path: Path
) -> None:
    folder = doubles.muriscv_nn(tmp_path / "m")
    lists = folder / "Source/CMakeLists.txt"
    lists.write_text('add_library(another STATIC "${CMAKE_CURRENT_LIST_FILE}")\n')
    record = run_case(
        Case("toycar_twin", "aot", ("muriscvnn",)),
        toolbox_with(sources={"muriscvnn": folder}),
        known,
    )
    assert record.outcome == "failed"
    assert "defines no library target muriscvnn" in record.reason
