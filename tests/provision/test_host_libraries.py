"""Shared libraries of the host that a compiler's programs load are a part of the compiler."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.provision import compiler

if TYPE_CHECKING:
    from pathlib import Path

CC = shutil.which("cc")
pytestmark = pytest.mark.skipif(
    CC is None or sys.platform != "linux", reason="needs the host's compiler on Linux"
)
GCC = """#!/bin/sh
case "$1" in -print-prog-name=*) echo "$(dirname "$0")/${1#*=}";; esac
"""


def shared(folder: Path, value: int) -> None:
    """A library `libfold.so` in `folder`, as GMP and MPFR are to GCC."""
    (folder / "fold.c").write_text(f"int fold(void) {{ return {value}; }}\n")
    command = [CC, "-shared", "-fPIC", "-o", folder / "libfold.so", folder / "fold.c"]
    subprocess.run(command, check=True)


def test_a_library_that_cc1_loads_is_an_ingredient(tmp_path: Path) -> None:
    shared(tmp_path, 1)
    (tmp_path / "main.c").write_text("int fold(void);\nint main(void) { return fold(); }\n")
    linked = ["-o", tmp_path / "cc1", tmp_path / "main.c", f"-L{tmp_path}", "-lfold"]
    subprocess.run([CC, *linked, f"-Wl,-rpath,{tmp_path}"], check=True)
    gcc = tmp_path / "gcc"
    gcc.write_text(GCC)
    gcc.chmod(0o755)
    first = compiler.ingredients(gcc, (), (), {})
    libraries = {name: path for name, path in first.files if name.startswith("library ")}
    assert libraries == {"library libfold.so": tmp_path / "libfold.so"}
    digest, states = first.digest(), first.states()
    assert compiler.unchanged(states)
    shared(tmp_path, 2)
    assert not compiler.unchanged(states)
    assert compiler.ingredients(gcc, (), (), {}).digest() != digest
