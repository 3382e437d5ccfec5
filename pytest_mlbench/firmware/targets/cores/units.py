"""What of a model is compiled, and how: only what runs in every cycle is worth optimising."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pytest_mlbench.provision.host_compiler import HostCompiler

EVERY_CYCLE = ("-O3",)
ONCE = ("-O0", "-fno-sanitize=undefined")
"""Options for code that runs in every cycle, and for code that runs once. Zig would have the latter
look for undefined behaviour."""

_COMMON = (
    *("-std=c++14", "-w", "-DVL_TIME_CONTEXT"),
    *(f"-DVM_{name}=0" for name in ("TRACE", "COVERAGE", "SC", "TRACE_FST", "TRACE_VCD")),
    "-DVM_TRACE_SAIF=0",
)
OPTIONS = (*_COMMON, *EVERY_CYCLE, *ONCE)
"""All of them, for keys."""

RUNTIME = ("verilated.cpp", "verilated_threads.cpp")
"""The sources of Verilator's runtime library that models need. They run once."""


def runtime(folder: Path) -> Path:
    """Writes the file that includes the runtime library."""
    return _unit(folder / "runtime.cc", RUNTIME)


def hot(work: Path) -> Path:
    """Writes the file that includes the bench and what Verilator generated in `work` for every
    cycle: one file, so that the compiler can inline it."""
    names = [name for name in _generated(work) if not _is_cold(name)]
    return _unit(work / "hot.cc", [*names, "bench.cpp"])


def cold(work: Path) -> Path:
    """Writes the file that includes what Verilator generated in `work` to run once."""
    return _unit(work / "cold.cc", filter(_is_cold, _generated(work)))


def command(
    compiler: HostCompiler, level: tuple[str, ...], folders: Iterable[Path], *words: str
) -> list[str]:
    """The compiler's command with one of the two levels, include folders and further words."""
    includes = (f"-I{folder}" for folder in folders)
    return [*compiler.command, *_COMMON, *level, *includes, *words]


def _generated(work: Path) -> list[str]:
    return sorted(path.name for path in work.glob("V*.cpp"))


def _is_cold(name: str) -> bool:
    """Verilator names what runs once so; among it are the constants, which every cycle reads."""
    return name.endswith("Slow.cpp") and "__ConstPool_" not in name


def _unit(place: Path, names: Iterable[str]) -> Path:
    place.write_text("".join(f'#include "{name}"\n' for name in names), encoding="utf-8")
    return place
