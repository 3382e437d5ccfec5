"""Runs CMake and Ninja: settings go into an init cache file, results come from the file API."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_mlbench import process, progress
from pytest_mlbench.errors import BuildFailed

from . import inputs

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence
    from pathlib import Path

CONFIGURE_TIMEOUT = 300.0
BUILD_TIMEOUT = 3600.0
_CLIENT = "client-mlbench"


@dataclass(frozen=True)
class Compilers:
    """The facts about the toolchain that CMake would otherwise find out by trial compilation."""

    c: Path
    cxx: Path
    ar: Path
    ranlib: Path
    version: str
    family: str = "gcc"
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CMake:
    """One source folder and one build folder, configured by one init cache file."""

    program: Path
    ninja: Path
    source: Path
    build: Path
    compilers: Compilers

    @property
    def settings(self) -> dict[str, str]:
        """The variables of the init cache."""
        return settings(self.compilers, self.ninja)

    def configure(self) -> process.Finished:
        """Write the init cache and the file API's query, then configure."""
        self.build.mkdir(parents=True, exist_ok=True)
        query = self.build / ".cmake/api/v1/query" / _CLIENT / "query.json"
        query.parent.mkdir(parents=True)
        wanted = {"requests": [{"kind": "codemodel", "version": 2}]}
        query.write_text(json.dumps(wanted), encoding="utf-8")
        init = self.build / "mlbench-init.cmake"
        init.write_text(init_cache(self.settings), encoding="utf-8")
        command: list[str | Path] = [
            self.program,
            "-S",
            self.source,
            "-B",
            self.build,
            "-G",
            "Ninja",
            "-C",
            init,
        ]
        return self._run(command, CONFIGURE_TIMEOUT)

    def leave_out(self, outputs: Container[str]) -> None:
        """Take the rules for these files, which are there already, out of the build file.

        A file whose rule is written in another way than expected is made again.
        """
        path = self.build / "build.ninja"
        kept, leaves = [], False
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
            if not line.startswith(" "):  # else a variable of the rule before
                words = line.split(":")[0].split()
                leaves = len(words) == 2 and words[0] == "build" and words[1] in outputs
            if not leaves:
                kept.append(line)
        path.write_text("".join(kept), encoding="utf-8")

    def run(self) -> process.Finished:
        """Build everything; the step that is under way says how far it is."""
        command: list[str | Path] = [self.ninja, "-C", self.build]
        return self._run(command, BUILD_TIMEOUT, _say_how_far)

    def read(self) -> dict[str, set[Path]]:
        """Object file -> the files that its compile read, sources and headers, as Ninja noted."""
        done = self._run([self.ninja, "-C", self.build, "-t", "deps"], CONFIGURE_TIMEOUT)
        if done.returncode != 0 or done.timed_out:
            raise BuildFailed(f"ninja cannot say what was read: {done.error_text.strip()}")
        return inputs.parse(done.text, self.build)

    def database(self) -> list[dict[str, str]]:
        """The compile database: the commands as they were configured."""
        raw = (self.build / "compile_commands.json").read_text(encoding="utf-8")
        return [dict(row) for row in json.loads(raw)]

    def _run(
        self,
        command: Sequence[str | Path],
        timeout: float,
        watch: Callable[[bytes], None] | None = None,
    ) -> process.Finished:
        """Runs a command with no environment variable of the user except PATH.

        Compiler launchers, toolchain files, flags and search paths in the environment would change
        the firmware unnoticed. Temporary files go into the build folder, which is removed even if
        this process is killed.
        """
        environment = {**_ENVIRONMENT, **self.compilers.environment, "TMPDIR": str(self.build)}
        return process.run(command, timeout=timeout, env=environment, bare=True, watch=watch)

    def artifacts(self) -> list[Artifact]:
        """The files that the project builds, from the file API. Raises BuildFailed if it fails."""
        reply = self.build / ".cmake/api/v1/reply"
        try:
            index = _read(max(reply.glob("index-*.json")))
            response = index["reply"][_CLIENT]["query.json"]["responses"][0]
            model = _read(reply / response["jsonFile"])["configurations"][0]
            targets = [_read(reply / row["jsonFile"]) for row in model["targets"]]
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise BuildFailed(f"CMake's file API gave no answer: {error}") from error
        return [
            Artifact(target["name"], target["type"], self.build / row["path"])
            for target in targets
            for row in target.get("artifacts", ())
        ]


@dataclass(frozen=True)
class Artifact:
    """A file that the project builds; `kind` is the file API's: STATIC_LIBRARY or EXECUTABLE."""

    target: str
    kind: str
    path: Path


_STATUS = re.compile(rb"^\[(\d+)/(\d+)\] ", re.MULTILINE)
"""How NINJA_STATUS has Ninja begin each of its lines."""


def _say_how_far(block: bytes) -> None:
    """Tell the step under way how many of the build's commands are done."""
    if found := _STATUS.findall(block):
        done, total = (int(number) for number in found[-1])
        progress.detail(f"{done} of {total}")


# Messages are searched in English.
_ENVIRONMENT = {
    "CMAKE_COLOR_DIAGNOSTICS": "OFF",
    "NINJA_STATUS": "[%f/%t] ",
    "LC_ALL": "C",
    "SOURCE_DATE_EPOCH": "0",
}


def settings(compilers: Compilers, ninja: Path) -> dict[str, str]:
    """The variables of the init cache.

    Because they name the compilers' identity, CMake compiles and runs nothing while it configures.
    """
    values = {
        "CMAKE_MAKE_PROGRAM": str(ninja),
        "CMAKE_SYSTEM_NAME": "Generic",
        "CMAKE_SYSTEM_PROCESSOR": "riscv",
        "CMAKE_TRY_COMPILE_TARGET_TYPE": "STATIC_LIBRARY",
        "CMAKE_EXPORT_COMPILE_COMMANDS": "ON",
        "CMAKE_SUPPRESS_REGENERATION": "ON",
        "CMAKE_BUILD_TYPE": "",
        "CMAKE_UNAME": "",  # the host's kernel and processor do not matter
        "CMAKE_AR": str(compilers.ar),
        "CMAKE_RANLIB": str(compilers.ranlib),
    }
    for language, program in (("C", compilers.c), ("CXX", compilers.cxx), ("ASM", compilers.c)):
        start = f"CMAKE_{language}_"
        values |= {
            f"{start}COMPILER": str(program),
            f"{start}COMPILER_ID": "Clang" if compilers.family == "clang" else "GNU",
            f"{start}COMPILER_FRONTEND_VARIANT": "GNU",
            f"{start}COMPILER_ID_RUN": "ON",
            f"{start}COMPILER_VERSION": compilers.version,
            f"{start}COMPILER_FORCED": "ON",
            f"{start}COMPILER_WORKS": "ON",
            # One program per archive, with its index (s). D: no times and owners in it, however
            # binutils was configured. The build folder is new, so there is no older archive.
            f"{start}CREATE_STATIC_LIBRARY": "<CMAKE_AR> qcDs <TARGET> <OBJECTS>",
        }
    return values


def init_cache(values: Mapping[str, str]) -> str:
    """A script for `cmake -C` that sets the variables."""
    lines = [f'set({name} [==[{value}]==] CACHE INTERNAL "")' for name, value in values.items()]
    return "\n".join(lines) + "\n"


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
