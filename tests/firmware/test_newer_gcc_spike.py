"""GCC 13 and newer, as newer distributions have it; skipped where PATH has none."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from libraries import doubles

from pytest_mlbench import process
from pytest_mlbench.case import Case
from pytest_mlbench.measure.chain import run_case
from pytest_mlbench.measure.toolbox import Toolbox
from pytest_mlbench.provision.toolchain import PREFIXES
from pytest_mlbench.settings import Settings

if TYPE_CHECKING:
    from pytest_mlbench.measure.registry import Registry

pytestmark = pytest.mark.spike


@pytest.fixture(scope="module")
def newer() -> Toolbox:
    """A toolbox with the newest RISC-V GCC on PATH, if it is 13 or newer."""
    for prefix in PREFIXES:
        found = shutil.which(f"{prefix}gcc")
        if found is None:
            continue
        version = process.run([found, "-dumpversion"], timeout=60).text.strip()
        if int(re.match(r"\d+", version)[0]) >= 13:  # type: ignore[index]
            path = found.removesuffix("gcc")
            cache = Path(os.environ["MLBENCH_CACHE"])
            return Toolbox(Settings(cache=cache, toolchains=(path,)))
    pytest.skip("no RISC-V GCC of 13 or newer on PATH")


@pytest.mark.parametrize("features", [(), ("tuned",), ("tuned", "vext")], ids="+".join)
@pytest.mark.parametrize("level", ["3", "s"])
def test_models_are_exact(
    features: tuple[str, ...], level: str, newer: Toolbox, known: Registry
) -> None:
    record = run_case(Case("aww_twin", "aot", features, level), newer, known)
    assert record.outcome == "passed", record.reason
    assert record.validation["matched"] == record.validation["samples"] > 0


def test_autovec_runs_or_names_the_compiler(newer: Toolbox, known: Registry) -> None:
    record = run_case(Case("toycar_twin", "aot", ("autovec",)), newer, known)
    if newer.toolchain("rv32gcv").version.startswith("13."):
        assert "gcc 13" in record.reason
    else:
        assert record.outcome == "passed", record.reason


def test_the_record_names_the_c_library_by_its_version(newer: Toolbox) -> None:
    identity = newer.toolchain("rv32gc").identity
    assert re.search(r"; (picolibc|newlib) \d+\.\d+", identity), identity


def test_link_time_optimisation_is_exact(newer: Toolbox, known: Registry) -> None:
    record = run_case(Case("toycar_twin", "aot", (), "s", config={"lto": "on"}), newer, known)
    assert record.outcome == "passed", record.reason


@pytest.mark.parametrize("features", [("muriscvnn",), ("muriscvnn", "vext")], ids="+".join)
def test_vector_kernels_in_intrinsics_are_built_as_far_as_their_header_knows_the_compiler(
    features: tuple[str, ...], newer: Toolbox, known: Registry, tmp_path: Path
) -> None:
    """A double whose header has the intrinsics of GCC 14, called by `aot`."""
    sources = {"muriscvnn": doubles.muriscv_nn(tmp_path / "m", kernel_sums=True, gcc14=True)}
    toolbox = Toolbox(replace(newer.settings, sources=sources))
    record = run_case(Case("aww_twin", "aot", features), toolbox, known)
    if toolbox.toolchain("rv32gcv").version.startswith("13.") and "vext" in features:
        assert record.outcome == "passed" or "Known: muRISCV-NN, GCC 13: " in record.reason
    else:
        assert record.outcome == "passed", record.reason
