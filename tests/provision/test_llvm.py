"""The pinned LLVM: which wheel, what is unpacked of it, and what is said where there is none."""

from __future__ import annotations

import hashlib
import os
import zipfile
from typing import TYPE_CHECKING

import pytest

from pytest_mlbench import process
from pytest_mlbench.errors import NotFetched, Unavailable
from pytest_mlbench.provision import llvm
from pytest_mlbench.provision.fetch import Fetcher

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_mlbench.provision.cache import Cache

ZIG = """#!/bin/sh
echo "zig $*"
"""


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror with a small wheel in the place of the pinned one of this machine."""
    file = tmp_path / "small.whl"
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("ziglang/zig", ZIG)
        made.writestr("ziglang/lib/include/stdint.h", "typedef int int32_t;\n")
        made.writestr("ziglang/lib/include/sub/more.h", "")
        made.writestr("ziglang/lib/libc/much.c", "not needed")
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    monkeypatch.setattr(llvm.platform, "system", lambda: "Linux")
    monkeypatch.setattr(llvm.platform, "machine", lambda: "x86_64")
    tag = llvm.WHEELS["Linux", "x86_64"][0]
    monkeypatch.setitem(llvm.WHEELS, ("Linux", "x86_64"), (tag, len(content), digest))
    place = tmp_path / "mirror/files" / digest / llvm.wheel("Linux", "x86_64").file_name
    place.parent.mkdir(parents=True)
    file.rename(place)
    return tmp_path / "mirror"


def test_tools_are_small_scripts_that_lie_beside_what_they_start(
    cache: Cache, mirror: Path
) -> None:
    found = llvm.find(cache=cache, fetcher=Fetcher(cache, mirror=str(mirror), offline=True))
    assert found.compiler == f"clang {llvm.VERSION}"
    assert found.libc == ""
    words = {"gcc": "clang", "g++": "clang --driver-mode=g++", "ar": "ar", "ld": "ld.lld"}
    for name, word in words.items():
        done = process.run([found.tool(name), "-c", "a b.c"], timeout=10)
        assert done.text == f"zig {word} -c a b.c\n"
    root = found.gcc.parent.parent
    assert (root / "include/sub/more.h").is_file()
    assert not list(root.rglob("*.whl"))
    assert not list(root.rglob("much.c"))
    assert str(cache.root) not in found.identity


def test_a_changed_file_of_the_toolchain_is_made_anew(cache: Cache, mirror: Path) -> None:
    fetcher = Fetcher(cache, mirror=str(mirror), offline=True)
    header = llvm.find(cache=cache, fetcher=fetcher).gcc.parent.parent / "include/stdint.h"
    header.write_text("")
    llvm.find(cache=cache, fetcher=fetcher)
    assert header.read_text() == "typedef int int32_t;\n"


def test_offline_without_a_mirror_it_is_told_what_is_missing(cache: Cache) -> None:
    with pytest.raises(NotFetched) as caught:
        llvm.find(cache=cache, fetcher=Fetcher(cache, offline=True))
    assert "ziglang-0.17.1" in str(caught.value)
    assert "--mlbench-mirror" in str(caught.value)


def test_a_machine_without_a_wheel_is_named() -> None:
    with pytest.raises(Unavailable, match="no LLVM is pinned for Plan9 vax, only for Linux x86_64"):
        llvm.wheel("Plan9", "vax")


def test_every_wheel_is_pinned_in_full() -> None:
    assert {machine for _, machine in llvm.WHEELS} == {"x86_64", "aarch64", "arm64"}
    for (system, machine), (_, size, sha256) in llvm.WHEELS.items():
        assert size > 50_000_000
        assert len(sha256) == 64
        assert llvm.wheel(system, machine).file_name.startswith("ziglang-0.17.1-py3-none-")


def test_options_name_the_target_and_no_folder_that_varies(cache: Cache, mirror: Path) -> None:
    found = llvm.find(cache=cache, fetcher=Fetcher(cache, mirror=str(mirror), offline=True))
    words = found.compile_options("rv64gcv_zvl256b", "lp64d")
    assert words[0] == "--target=riscv64-unknown-elf"
    assert "-march=rv64gc" in words
    assert found.assemble_options("rv64gcv_zvl256b", "lp64d")[0].startswith("-march=rv64gcv")
    assert "-nostdlib" in found.link_options("rv32gc", "ilp32d")
    assert os.access(found.tool("ld"), os.X_OK)
