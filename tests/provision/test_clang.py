"""A clang by its name or path: found with its linker and archiver, refused in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.errors import Unavailable, UsageError
from pytest_mlbench.options import is_toolchain_name, names_clang, toolchain_label, toolchain_prefix
from pytest_mlbench.provision import clang
from pytest_mlbench.provision.fetch import Fetcher
from pytest_mlbench.provision.pins import pins

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_mlbench.provision.cache import Cache

PROGRAM = """#!/bin/sh
case "$*" in
  --version) echo "Some clang version {version} (of somebody)" ;;
  -print-resource-dir) echo "{resources}" ;;
  *)
    echo "$*" >> "{log}"
    while [ $# -gt 0 ]; do
      [ "$1" = -o ] && echo made > "$2"
      shift
    done
    ;;
esac
"""
LINKER = """#!/bin/sh
echo "LLD 19.1.7"
"""


def install(root: Path, version: str = "19.1.7", without: str = "") -> Path:
    """A made-up LLVM as Debian lays it out: programs with a number on PATH, links to the others."""
    home, path = root / "lib/llvm-19", root / "bin"
    (home / "bin").mkdir(parents=True)
    path.mkdir()
    (home / "include").mkdir()
    (home / "include/stdint.h").write_text("typedef int int32_t;\n")
    text = PROGRAM.format(version=version, resources=home, log=root / "log")
    programs = {"clang": text, "clang++": text, "ld.lld": LINKER}
    for name in ("clang", "clang++", "ld.lld", "llvm-ar", "llvm-ranlib"):
        if name != without:
            (home / "bin" / name).write_text(programs.get(name, "#!/bin/sh\n"))
            (home / "bin" / name).chmod(0o755)
    (path / "clang-19").symlink_to(home / "bin/clang")
    (path / "sh").symlink_to("/bin/sh")
    return path


def find(value: str, cache: Cache, path: Path) -> clang.Llvm:
    fetcher = Fetcher(cache, offline=True)
    return clang.find(value, "rv32gc", "ilp32d", cache=cache, fetcher=fetcher, path=str(path))


def test_by_name_it_comes_with_the_tools_of_its_own_folder(cache: Cache, tmp_path: Path) -> None:
    path = install(tmp_path / "usr")
    found = find("clang-19", cache, path)
    assert found.compiler == "clang 19.1.7"
    assert found.libc == ""
    assert found.origin == "on PATH"
    assert found.gcc == path / "clang-19"
    home = tmp_path / "usr/lib/llvm-19"
    assert found.tool("ar") == home / "bin/llvm-ar"
    assert f"--ld-path={home}/bin/ld.lld" in found.link_options("rv32gc", "ilp32d")
    assert str(home / "include") in found.compile_options("rv32gc", "ilp32d")
    assert found.identity.startswith("clang 19.1.7; LLD 19.1.7; no C library; sha256 ")
    assert str(tmp_path) not in found.identity


def test_it_is_tried_once_and_again_when_a_file_has_changed(cache: Cache, tmp_path: Path) -> None:
    path = install(tmp_path / "usr")
    first, log = find("clang-19", cache, path), tmp_path / "usr/log"
    calls = log.read_text()
    assert find("clang-19", cache, path) == first
    assert log.read_text() == calls
    with (tmp_path / "usr/lib/llvm-19/bin/llvm-ar").open("a") as file:
        file.write("# newer\n")
    assert find("clang-19", cache, path).identity != first.identity


def test_a_path_names_one_anywhere(cache: Cache, tmp_path: Path) -> None:
    install(tmp_path / "opt")
    program = tmp_path / "opt/lib/llvm-19/bin/clang"
    found = find(str(program), cache, tmp_path / "nowhere")
    assert found.gcc == program
    assert found.origin == "named"
    with pytest.raises(UsageError, match="there is no program /nowhere/clang"):
        find("/nowhere/clang", cache, tmp_path)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"without": "ld.lld"}, r"there is no ld\.lld beside it or on PATH"),
        ({"version": "14.0.6"}, "it is version 14, but the oldest supported one is 17"),
    ],
)
def test_one_that_does_not_serve_is_refused_with_the_reason(
    changes: dict[str, str], why: str, cache: Cache, tmp_path: Path
) -> None:
    path = install(tmp_path / "usr", **changes)
    with pytest.raises(UsageError, match=f"clang-19 does not support rv32gc/ilp32d: {why}"):
        find("clang-19", cache, path)


def test_where_there_is_none_the_packages_are_named(cache: Cache, tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        find("clang-19", cache, tmp_path)
    assert "there is no clang-19 on PATH, and its packages are not available" in str(caught.value)
    assert "apt-get install clang-19 lld-19 llvm-19" in str(caught.value)
    with pytest.raises(Unavailable, match="there is no clang-18 on PATH"):
        find("clang-18", cache, tmp_path)


def test_its_packages_are_pinned_for_both_machines() -> None:
    packages = [each for each in pins().packages.values() if each.role == clang.ROLE]
    assert {"clang-19", "lld-19", "llvm-19", "libllvm19"} <= {each.name for each in packages}
    assert len({each.version for each in packages}) == 1
    assert all(set(each.files) == {"amd64", "arm64"} for each in packages)
    assert clang.packaged("clang-19")
    assert not clang.packaged("llvm-19")
    assert not clang.packaged("clang-18")


def test_a_name_stands_in_cases_as_it_is_and_leads_back() -> None:
    assert names_clang("clang")
    assert names_clang("/opt/llvm/bin/clang-20")
    assert not names_clang("/opt/clang/bin/riscv64-unknown-elf-")
    assert is_toolchain_name("clang-19")
    assert not is_toolchain_name("/usr/bin/clang-19")
    given = ("gcc", "clang-19", "/opt/llvm20/bin/clang")
    labels = [toolchain_label(value) for value in given]
    assert labels == ["gcc", "clang-19", "llvm20"]
    assert [toolchain_prefix(label, given) for label in labels] == ["", *given[1:]]
