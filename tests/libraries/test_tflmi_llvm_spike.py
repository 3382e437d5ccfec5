"""C++ with LLVM: a RISC-V GCC lends its C library and its headers; the framework is a double."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.case import Case
from pytest_mlbench.errors import Unavailable
from pytest_mlbench.measure.chain import Chain, run_case

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_mlbench.measure.registry import Registry
    from pytest_mlbench.measure.toolbox import Toolbox
    from pytest_mlbench.records.record import Record

pytestmark = pytest.mark.spike

COMPILERS = ("llvm", "clang-19")


@pytest.mark.parametrize(
    ("compiler", "features", "level", "isa"),
    [
        ("llvm", (), "3", ""),
        ("llvm", ("muriscvnn",), "s", "rv64gc"),
        ("clang-19", ("cmsisnn",), "s", ""),
    ],
    ids=str,
)
def test_a_model_is_exact(
    compiler: str,
    features: tuple[str, ...],
    level: str,
    isa: str,
    toolbox_with: Callable[..., Toolbox],
    known: Registry,
    passed: Callable[[Record], Record],
) -> None:
    toolbox = toolbox_with(toolchains=("gcc", *COMPILERS))
    case = Case("toycar_twin", "tflmi", features, level, isa=isa, choices={"toolchain": compiler})
    record = passed(run_case(case, toolbox, known))
    identity = record.provenance["toolchain"]
    assert identity.startswith("clang ")
    assert "; C library and C++ headers of riscv" in identity
    assert {"tflm", *features} == set(record.provenance["libraries"])
    assert "libc" not in record.provenance["flags"], "the project's own is not needed then"


def test_without_a_gcc_the_case_says_what_is_missing(
    toolbox_with: Callable[..., Toolbox],
    known: Registry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = toolbox_with(toolchains=COMPILERS[:1])
    try:
        there.toolchain("rv32gc", "llvm")
    except Unavailable as error:
        pytest.skip(str(error))
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/llvm").symlink_to(there.cache.root / "llvm")
    monkeypatch.setenv("PATH", "/nowhere")
    toolbox = toolbox_with(cache=tmp_path / "cache", offline=True, toolchains=COMPILERS[:1])
    chain = Chain(Case("toycar_twin", "tflmi", choices={"toolchain": "llvm"}), toolbox, known)
    record = run_case(chain.case, toolbox, known)
    assert record.outcome == "skipped"
    assert "has no C++ library here" in record.reason
    assert "no RISC-V GCC lends one: no RISC-V GCC supports rv32gc/ilp32d" in record.reason
