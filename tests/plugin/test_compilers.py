"""What a run says of its compilers, without any."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.options import toolchain_label, toolchain_prefix

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., pytest.RunResult]
    Ids = Callable[..., list[str]]

TEST = """
import pytest

@pytest.mark.mlbench(models=["good"])
def test_it(mlbench):
    mlbench.run()
"""


@pytest.fixture
def ids(run: Run) -> Callable[..., list[str]]:
    """The parameter ids of all tests that a run collects."""

    def call(*arguments: str) -> list[str]:
        lines = run("--collect-only", "-q", *arguments).outlines
        return [line.partition("[")[2].removesuffix("]") for line in lines if "::" in line]

    return call


def test_the_header_says_that_llvm_takes_the_place_of_gcc(
    bench: pytest.Pytester, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.makepyfile(TEST)
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    line = "mlbench: compiler: LLVM, as there is no RISC-V GCC and no apt to get one"
    run().stdout.fnmatch_lines([line])
    (tmp_path / "mirror").mkdir()
    run(f"--mlbench-mirror={tmp_path / 'mirror'}").stdout.fnmatch_lines([line])
    run("--mlbench-toolchain=gcc").stdout.no_fnmatch_line(line)
    (tmp_path / "bin/riscv64-unknown-elf-gcc").write_text("#!/bin/sh\n")
    (tmp_path / "bin/riscv64-unknown-elf-gcc").chmod(0o755)
    run().stdout.no_fnmatch_line(line)


def test_a_compiler_is_in_the_name_where_it_is_not_gcc(
    bench: pytest.Pytester, ids: Ids, tmp_path: Path
) -> None:
    bench.makepyfile(TEST)
    prefixes = []
    for name in ("riscv13", "riscv14"):
        folder = tmp_path / name / "bin"
        folder.mkdir(parents=True)
        (folder / "riscv64-unknown-elf-gcc").write_text("#!/bin/sh\n")
        (folder / "riscv64-unknown-elf-gcc").chmod(0o755)
        prefixes.append(f"--mlbench-toolchain={folder}/riscv64-unknown-elf-")
    name = "good-aot-_-O3"
    assert ids() == [name]
    assert ids("--mlbench-toolchain=llvm") == [f"{name}-llvm"]
    assert ids("--mlbench-toolchain=gcc,llvm") == [name, f"{name}-llvm"]
    assert ids("--mlbench-toolchain=clang-19") == [f"{name}-clang-19"], "fetched when it is needed"
    assert ids(prefixes[0]) == [name], "the machine's GCC is where it is"
    assert ids(*prefixes) == [f"{name}-riscv13", f"{name}-riscv14"]


def test_a_compiler_that_is_nowhere_is_refused_at_once(bench: pytest.Pytester, run: Run) -> None:
    bench.makepyfile(TEST)
    for value in ("clang-99", "/nowhere/clang", "/nowhere/riscv64-unknown-elf-"):
        result = run("--collect-only", f"--mlbench-toolchain={value}")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([f"*there is no compiler {value}*clang-19*"])
    result = run("--collect-only", "--mlbench-toolchain=lvm")
    result.stderr.fnmatch_lines(["*unknown compiler 'lvm'. Did you mean 'llvm'*"])


def test_a_label_leads_back_to_its_prefix() -> None:
    given = ("gcc", "/opt/riscv 14/bin/riscv64-unknown-elf-", "/usr/local/bin/riscv-none-elf-")
    labels = [toolchain_label(value) for value in given]
    assert labels == ["gcc", "riscv_14", "riscv_none_elf"]
    for value, label in zip(given[1:], labels[1:], strict=True):
        assert toolchain_prefix(label, given) == value
    assert toolchain_prefix("gcc", given) == ""
    assert toolchain_prefix("", given[1:2]) == given[1]
