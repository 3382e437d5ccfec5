from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from loopback import program

from pytest_mlbench.errors import Unavailable
from pytest_mlbench.provision import host_compiler

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GOOD = """\
case "$*" in
  *--version*) echo "good 1.2.3"; exit 0;;
esac
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\necho 3\\n' > "$2"; chmod +x "$2"
"""
BAD = "echo 'try.cpp:2:10: fatal error: bit: No such file' >&2; exit 1\n"


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is known before, and nothing made up is known afterwards."""
    host_compiler._find.cache_clear()
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr(host_compiler, "in_wheel", lambda *_: None)
    yield
    host_compiler._find.cache_clear()


def test_the_first_that_works_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "g++", BAD)
    program(tmp_path / "clang++", GOOD)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(host_compiler.shutil, "which", lambda name, path: _which(tmp_path, name))

    found = host_compiler.find()

    assert found == host_compiler.HostCompiler((str(tmp_path / "clang++"),), "good 1.2.3")


def test_the_named_one_is_taken_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = program(tmp_path / "mine", BAD)
    monkeypatch.setenv("CXX", str(bad))

    with pytest.raises(Unavailable, match=r"mine: try\.cpp:2:10: fatal error: bit"):
        host_compiler.find()


def test_none_says_what_brings_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Unavailable, match=r"none on PATH.*cores-compiler"):
        host_compiler.find()


def test_the_wheels_compiler_is_the_last_resort(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zig = program(tmp_path / "zig", GOOD)
    monkeypatch.setattr(host_compiler, "in_wheel", lambda *_: zig)
    monkeypatch.setattr(host_compiler.shutil, "which", lambda *_, **__: None)

    assert host_compiler.find().command == (str(zig), "c++")


def test_without_any_the_wheel_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zig, bad = program(tmp_path / "zig", GOOD), program(tmp_path / "bad", BAD)
    monkeypatch.setattr(host_compiler.shutil, "which", lambda *_, **__: None)

    assert host_compiler.find(lambda: zig).command == (str(zig), "c++")
    with pytest.raises(Unavailable, match=r"none on PATH; zig: .*fatal error"):
        host_compiler.find(lambda: bad)

    def offline() -> Path:
        raise Unavailable("it is not in the cache")

    with pytest.raises(Unavailable, match=r"none on PATH; it is not in the cache.*cores-compiler"):
        host_compiler.find(offline)


def test_a_named_one_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", str(program(tmp_path / "mine", BAD)))

    with pytest.raises(Unavailable, match=r"mine: "):
        host_compiler.find(lambda: program(tmp_path / "zig", GOOD))


def _which(folder: Path, name: str) -> str | None:
    place = folder / name
    return str(place) if place.is_file() else None
