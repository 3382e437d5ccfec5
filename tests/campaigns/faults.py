"""Broken surroundings: damaged caches, a hostile environment, broken compilers and simulators.

Wrong is: a traceback, an internal error, a run that hangs; other results where the damage can be
repaired or must have no effect; exit status 0 where it cannot.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .leftovers import orphans
from .project import Project
from .project import clean as a_clean_project
from .tally import chance, remove, workplace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .tally import Tally

    Prepare = Callable[[Project], dict[str, str]]

MODELS = ("dense",)
ENDS_WITHIN = 240.0


@dataclass(frozen=True)
class Fault:
    """`prepare` breaks something and gives what is in the environment. `harmless`: the results
    have to be those of a clean run; else the run has to fail with a sentence."""

    name: str
    prepare: Prepare
    harmless: bool
    more: tuple[str, ...] = ()
    cold: bool = False


def campaign(tally: Tally, seed: int, first: int, count: int) -> None:
    """Meet `count` faults: all of them in turn, in an order by chance."""
    rows = [*_damages(), *_environments(), *_compilers(), *_simulators(), *_places()]
    chance("faults", seed, 0).shuffle(rows)
    tally.facts["kinds"] = len(rows)
    with workplace() as folder:
        clean = a_clean_project()
        for number in tally.trials(first, count):
            project = Project(folder / str(number), empty=True)
            _meet(tally, project, rows[number % len(rows)], clean)
            for path in project.folder.rglob("mounted"):
                os.system(f"umount {path}")
            remove(project.folder)


def _meet(tally: Tally, project: Project, fault: Fault, clean: Project) -> None:
    if not fault.cold:
        shutil.copytree(clean.cache, project.cache, symlinks=True)
    surroundings = fault.prepare(project)
    status, output = project.run(*fault.more, models=MODELS, timeout=ENDS_WITHIN, **surroundings)
    told = output[-400:]
    tally.expect(status != -1, f"{fault.name}: hangs")
    for word in ("Traceback", "INTERNALERROR"):
        tally.expect(word not in output, f"{fault.name}: {word}: {told}")
    if fault.harmless:
        tally.expect(status == 0, f"{fault.name}: ends with {status}: {told}")
        tally.expect(project.results() == clean.results(), f"{fault.name}: other results")
    else:
        tally.expect(status in {1, 4}, f"{fault.name}: ends with {status}: {told}")
    found = orphans(project)
    tally.expect(not found, f"{fault.name}: processes live on: {found}")
    tally.outcomes["harmless" if fault.harmless else "refused"] += 1


def _damages() -> list[Fault]:
    """Each kind of file in the cache, damaged in each way: made again, whatever it was."""
    patterns = (
        *(f"firmware/*/{name}" for name in ("firmware.elf", "firmware.map", "firmware.json")),
        *("firmware/*/compile_commands.json", "firmware/*/.mlbench-entry.json"),
        *("objects/*/object.o", "objects/*/object.d", "objects/*/.mlbench-entry.json"),
        *("golden/*/outputs.bin", "golden/*/golden.json", "golden/*/.mlbench-entry.json"),
        *("probes/*.json", "locks/firmware/*.lock", "CACHEDIR.TAG"),
    )
    return [
        Fault(f"{how.__name__} of {pattern}", _each(pattern, how), harmless=True)
        for pattern in patterns
        for how in (_cut, _flip, _garbage, _deep, _gone, _folder)
    ]


def _each(pattern: str, how: Callable[[Path], None]) -> Prepare:
    def prepare(project: Project) -> dict[str, str]:
        for path in sorted(project.cache.glob(pattern)):
            how(path)
        if pattern.startswith("objects/"):  # they are looked at where firmware is built
            remove(project.cache / "firmware")
        return {}

    return prepare


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    if data:
        data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _garbage(path: Path) -> None:
    path.write_bytes(os.urandom(path.stat().st_size))


def _deep(path: Path) -> None:
    path.write_bytes(b"[" * max(path.stat().st_size, 100_000))


def _gone(path: Path) -> None:
    path.unlink()


def _folder(path: Path) -> None:
    path.unlink()
    (path / "below").mkdir(parents=True)


def _environments() -> list[Fault]:
    """Variables that steer compilers, CMake and Ninja: they have no effect, with an empty cache."""
    values = {
        "CC": "false", "CXX": "false", "CFLAGS": "-O0 -DX", "CPPFLAGS": "-fno-such",
        "ASFLAGS": "-x", "LDFLAGS": "-Wl,--no-such", "CPATH": "/usr/include",
        "C_INCLUDE_PATH": "/usr/include", "LIBRARY_PATH": "/usr/lib",
        "GCC_EXEC_PREFIX": "/nowhere/", "COMPILER_PATH": "/usr/bin",
        "CMAKE_GENERATOR": "Unix Makefiles",
        "CMAKE_TOOLCHAIN_FILE": "/nowhere/t.cmake", "CMAKE_C_COMPILER_LAUNCHER": "/nowhere/ccache",
        "CMAKE_BUILD_TYPE": "Debug", "NINJAFLAGS": "-n", "MAKEFLAGS": "-n", "LDEMULATION": "none",
        "GNUTARGET": "binary", "SOURCE_DATE_EPOCH": "1000000000", "LANG": "de_DE.UTF-8",
        "LC_ALL": "tr_TR.UTF-8", "DEPENDENCIES_OUTPUT": "/nowhere/d", "SUNPRO_DEPENDENCIES": "/x",
    }  # fmt: skip

    def given(name: str, value: str) -> Prepare:
        return lambda _: {name: value}

    return [
        Fault(f"{name}={value}", given(name, value), harmless=True, cold=True)
        for name, value in values.items()
    ]


def _script(project: Project, name: str, text: str) -> str:
    path = project.folder / "broken" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def _compilers() -> list[Fault]:
    """Compilers that fail: the run fails and says so."""
    scripts = {
        "fails": "echo 'cc1: out of memory' >&2; exit 1",
        "says nothing": "exit 0",
        "is killed": "kill -9 $$",
        "floods stderr": "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx >&2; done",
        "floods stdout": "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done",
        "speaks in escapes": "printf '\\033]0;x\\007error: \\033[2J' >&2; exit 1",
    }

    def broken(text: str) -> Prepare:
        return lambda project: {
            "MLBENCH_TOOLCHAIN": _script(project, "x-gcc", text).removesuffix("gcc")
        }

    return [
        Fault(f"compiler {name}", broken(text), harmless=False, cold=True)
        for name, text in scripts.items()
    ]


def _simulators() -> list[Fault]:
    banner = "case \"$*\" in *--help*) echo 'Spike RISC-V ISA Simulator 1' >&2; exit 1;; esac\n"
    scripts = {
        "fails": banner + "exit 1",
        "says nothing": banner + "exit 0",
        "says garbage": banner + "head -c 100000 /dev/urandom",
        "floods stdout": banner + "cat /dev/zero",
        "floods stderr": banner + "cat /dev/zero >&2",
        "is killed": banner + "kill -9 $$",
        "hangs": banner + "sleep 300",
        "leaves a child with the pipe": banner + "setsid sleep 300 & exit 0",
        "is another program": "echo hello",
    }

    def broken(text: str) -> Prepare:
        return lambda project: {"MLBENCH_SPIKE": _script(project, "spike", text)}

    return [
        Fault(f"simulator {name}", broken(text), False, ("--mlbench-timeout=10",))
        for name, text in scripts.items()
    ]


def _places() -> list[Fault]:
    """Places that are not there, not writable or full."""

    def full(project: Project) -> Path:
        place = project.folder / "mounted"
        place.mkdir()
        os.system(f"mount -t tmpfs -o size=64k tmpfs {place}")
        return place

    return [
        Fault("TMPDIR is not there", lambda _: {"TMPDIR": "/nowhere"}, harmless=True),
        Fault("the cache is a file", _cache_is_a_file, False, cold=True),
        Fault("no cache can be made", lambda _: {"MLBENCH_CACHE": "/proc/x"}, False, cold=True),
        Fault("results to a full device", _nothing, False, ("--mlbench-json=/dev/full",)),
        Fault("results to a folder", _nothing, False, ("--mlbench-json=/tmp",)),
        Fault("the cache's disk is full", lambda p: {"MLBENCH_CACHE": str(full(p))}, False),
    ]


def _nothing(project: Project) -> dict[str, str]:
    del project
    return {}


def _cache_is_a_file(project: Project) -> dict[str, str]:
    project.cache.write_text("")
    return {}
