"""Shared libraries that the programs of a compiler or a simulator load are a part of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.firmware.targets.spike import program
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


def shared(folder: Path, value: int, name: str = "fold") -> None:
    """A library in `folder`, as GMP and MPFR are to GCC."""
    (folder / "fold.c").write_text(f"int fold(void) {{ return {value}; }}\n")
    command = [CC, "-shared", "-fPIC", "-o", folder / f"lib{name}.so", folder / "fold.c"]
    subprocess.run(command, check=True)


def linked(folder: Path, program: str, text: str, name: str = "fold") -> None:
    """A program in `folder` that loads the library."""
    (folder / "main.c").write_text(text)
    words = ["-o", folder / program, folder / "main.c", f"-L{folder}", f"-l{name}"]
    subprocess.run([CC, *words, f"-Wl,-rpath,{folder}"], check=True)


def test_a_library_that_cc1_loads_is_an_ingredient(tmp_path: Path) -> None:
    shared(tmp_path, 1)
    linked(tmp_path, "cc1", "int fold(void);\nint main(void) { return fold(); }\n")
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


SPIKE = """
#include <stdio.h>
int fold(void);
int main(void) { fprintf(stderr, "Spike RISC-V ISA Simulator 1.1\\n"); return fold(); }
"""


def test_a_library_of_spikes_own_makes_another_simulator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "_spikes", {})
    shared(tmp_path, 1, "riscv")
    linked(tmp_path, "spike", SPIKE, "riscv")
    first = program.spike(str(tmp_path / "spike")).version
    program._spikes.clear()
    assert program.spike(str(tmp_path / "spike")).version == first
    shared(tmp_path, 2, "riscv")
    program._spikes.clear()
    assert program.spike(str(tmp_path / "spike")).version != first
