"""Finds this machine's C++ compiler, which compiles models of cores: g++, clang++ or zig's."""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench import process
from pytest_mlbench.errors import Unavailable

from .tools import in_wheel

if TYPE_CHECKING:
    from collections.abc import Callable

TIMEOUT = 600.0
"""Long enough for Zig, which compiles its C++ library at first use."""
REMEDY = (
    "Install g++ or clang++, or `pip install 'pytest-mlbench[cores-compiler]'`, which brings one, "
    "or name one in the environment variable CXX"
)

_PROGRAM = b"""\
#include <atomic>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>
int main() {
  std::vector<std::string> words{"a"};
  std::atomic<unsigned> count{0};
  std::thread([&] { count = 3u; }).join();
  std::printf("%u\\n", count.load());
  return words.size() == 1 ? 0 : 1;
}
"""


@dataclass(frozen=True)
class HostCompiler:
    """A C++14 compiler that has built a program that runs on this machine.

    command   the program and its first arguments
    version   its version text, for records and keys
    """

    command: tuple[str, ...]
    version: str


def find(zig: Callable[[], Path] | None = None) -> HostCompiler:
    """The first one that works of CXX, g++, c++, clang++ and the zig wheel's compiler, installed or
    provided by `zig`. If CXX is set, it alone.

    Raises Unavailable if none works.
    """
    named = os.environ.get("CXX", "")
    try:
        return _find(named, os.environ.get("PATH", ""))
    except Unavailable as error:
        if zig is None or named:
            raise
        try:
            found = _tried((str(zig()), "c++"))
        except Unavailable as other:
            raise Unavailable(f"{error.what}; {other.what}", remedy=REMEDY) from other
        if isinstance(found, HostCompiler):
            return found
        raise Unavailable(f"{error.what}; zig: {found}", remedy=REMEDY) from error


@functools.cache
def _tried(command: tuple[str, ...]) -> HostCompiler | str:
    return _try(command)


@functools.cache
def _find(named: str, path: str) -> HostCompiler:
    reasons: list[str] = []
    for command in _candidates(named, path):
        found = _try(command)
        if isinstance(found, HostCompiler):
            return found
        reasons.append(f"{Path(command[0]).name}: {found}")
        if named:
            break
    faults = "; ".join(reasons) or "there is none on PATH"
    raise Unavailable(f"no working C++14 compiler for this machine: {faults}", remedy=REMEDY)


def _candidates(named: str, path: str) -> list[tuple[str, ...]]:
    if named:
        return [tuple(named.split())]
    programs = (shutil.which(name, path=path) for name in ("g++", "c++", "clang++"))
    commands: list[tuple[str, ...]] = [(program,) for program in programs if program]
    zig = in_wheel("ziglang", "ziglang/zig")
    if zig is not None:
        commands.append((str(zig), "c++"))
    return commands


def _try(command: tuple[str, ...]) -> HostCompiler | str:
    """The compiler, or the reason why it does not work."""
    try:
        banner = process.run([*command, "--version"], timeout=TIMEOUT)
        with tempfile.TemporaryDirectory(prefix="mlbench-cxx-") as folder:
            source, program = Path(folder, "try.cpp"), Path(folder, "try")
            source.write_bytes(_PROGRAM)
            words = [*command, "-std=c++14", "-O1", str(source), "-o", str(program), "-lpthread"]
            made = process.run(words, timeout=TIMEOUT)
            if made.returncode:
                lines = [line for line in made.error_text.splitlines() if "error" in line]
                return lines[0].strip()[-200:] if lines else f"status {made.returncode}"
            ran = process.run([program], timeout=TIMEOUT)
    except Unavailable as error:
        return error.what
    if ran.returncode or ran.text != "3\n":
        return "its programs do not run here"
    return HostCompiler(command, (banner.text.splitlines() or [""])[0].strip())
