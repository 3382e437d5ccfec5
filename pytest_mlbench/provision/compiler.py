"""The parts of a compiler: all files that can change its output, and the commands it runs.

The driver `gcc` tells which programs, specs, headers and libraries it uses. Each of them may be
upgraded separately (binutils and the C library are separate packages), replaced by a wrapper, or
found through PATH, so each is part of the compiler's identity.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlbench import process

from .tools import file_digest, loaded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

TIMEOUT = 60.0
_PROGRAMS = ("cc1", "cc1plus", "as", "collect2", "ld", "lto-wrapper")
_FILES = ("specs", "liblto_plugin.so", "libgcc.a", "libc.a", "libm.a", "libstdc++.a", "libsupc++.a")
_BINUTILS = ("g++", "ar", "ranlib")
"""Programs with the prefix of `gcc` that a build calls directly."""

_LINK = ("-nostartfiles", "probe.o", "-o", "probe.elf")
_C_LIBRARY = re.compile(r"(ld-|ld64|lib(c|m|dl|rt|pthread|mvec|util|resolv|nsl)[.-])")
"""glibc's and musl's own files."""

_LANGUAGES = (("c", "gcc"), ("c++", "g++"))


@dataclass(frozen=True)
class Ingredients:
    """The files of a compiler (name without folders -> path), its header search paths, and calls.

    `calls` are the commands that the driver would run, without folders: they show options that a
    wrapper or a specs file adds.
    """

    files: tuple[tuple[str, Path], ...]
    folders: tuple[Path, ...]
    calls: tuple[str, ...]

    def digest(self) -> str:
        """The sha256 of all contents and calls. It does not depend on where folders are."""
        digest = hashlib.sha256()
        for name, path in self.files:
            digest.update(f"{name} {file_digest(path)}\n".encode())
        for folder in self.folders:
            for file in _walk(folder):
                inside = file.relative_to(folder).as_posix()
                digest.update(f"{inside} {file_digest(file)}\n".encode())
        digest.update("\n".join(self.calls).encode())
        return digest.hexdigest()

    def states(self) -> list[list[Any]]:
        """File states that show without reading whether a file has changed (see `unchanged`)."""
        paths = [path for _, path in self.files]
        return [
            *(["file", str(path), *_state(path)] for path in paths),
            *(["folder", str(folder), _listing(folder)] for folder in self.folders),
        ]


def unchanged(states: Iterable[Sequence[Any]]) -> bool:
    """Are all files and folders as they were when `Ingredients.states` was called?"""
    try:
        for kind, path, *state in states:
            found = _state(Path(path)) if kind == "file" else [_listing(Path(path))]
            if found != state:
                return False
    except (OSError, TypeError, ValueError):
        return False
    return True


def ingredients(
    gcc: Path,
    options: Sequence[str],
    archives: Iterable[Path],
    env: Mapping[str, str],
) -> Ingredients:
    """What the driver `gcc` uses with these options for machine and C library.

    `archives` are the libraries that a trial link read.
    """
    asked = Driver(gcc, tuple(options), env)
    files = {"gcc": gcc}
    beside = {name: Path(str(gcc).removesuffix("gcc") + name) for name in _BINUTILS}
    files |= {name: path for name, path in beside.items() if path.is_file()}
    for name in _PROGRAMS:
        files |= asked.named(name, f"-print-prog-name={name}", on_path=True)
    for name in _FILES:
        files |= asked.named(name, f"-print-file-name={name}", on_path=False)
    folders: dict[Path, None] = {}
    for language, driver in _LANGUAGES:
        if driver in files:
            output = asked.verbose(files[driver], language)
            for text in re.findall(r"^Reading specs from (.+)$", output, re.MULTILINE):
                files |= _resolved(f"specs {driver} {Path(text).name}", text.strip(), asked.path)
            for text in re.findall(r"^COLLECT_GCC=(.+)$", output, re.MULTILINE):
                files |= _resolved(f"driver {driver}", text.strip(), asked.path)
            folders |= dict.fromkeys(_search_path(output))
    for archive in archives:
        files[f"archive {archive.name}"] = archive
    files |= asked.loaded(files)
    rows = tuple(sorted(files.items()))
    return Ingredients(rows, tuple(folders), asked.calls())


class Driver:
    """Queries one GCC driver for what it would use with the given options."""

    def __init__(self, gcc: Path, options: tuple[str, ...], env: Mapping[str, str]) -> None:
        self._gcc = gcc
        self._options = options
        self._env = env
        self.path = env.get("PATH") or os.environ.get("PATH", os.defpath)

    def named(self, name: str, question: str, *, on_path: bool) -> dict[str, Path]:
        """The file that `-print-...-name` prints.

        A bare name is searched on PATH, as GCC does with programs; without `on_path` it is ignored.
        """
        answer = self._run([self._gcc, *self._options, question]).text.strip()
        if "/" not in answer and not on_path:
            return {}
        return _resolved(name, answer, self.path)

    def verbose(self, driver: Path, language: str) -> str:
        """The output of `driver -v` when it preprocesses an empty file."""
        words: list[str | Path] = [
            driver,
            *self._options,
            "-v",
            "-E",
            "-x",
            language,
            "/dev/null",
            "-o",
            "/dev/null",
        ]
        return self._run(words).error_text

    def headers(self, driver: Path, language: str) -> list[Path]:
        """The folders in which `driver` looks for headers, in its order."""
        return list(_search_path(self.verbose(driver, language)))

    def calls(self) -> tuple[str, ...]:
        """The commands that the driver would run to compile, to assemble and to link."""
        rows: list[str] = []
        for words in (
            ("-O2", "-S", "-x", "c", "probe.c", "-o", "probe.s"),
            ("-c", "-x", "assembler", "probe.s", "-o", "probe.o"),
            _LINK,
        ):
            rows += map(_placeless, self._shown(words))
        return tuple(rows)

    def link(self) -> str:
        """The command that it would run to link; empty if it prints none."""
        return " ".join(self._shown(_LINK))

    def _shown(self, words: Sequence[str]) -> list[str]:
        said = self._run([self._gcc, *self._options, "-###", *words]).error_text
        return [line for line in said.splitlines() if line.startswith(" ")]

    def loaded(self, files: Mapping[str, Path]) -> dict[str, Path]:
        """The host's shared libraries that the programs load, except the C library's.

        GCC folds constants with GMP, MPFR and MPC and reorders loops with isl, which are separate
        packages. The C library and the loader do not affect the generated code.
        """
        found: dict[str, Path] = {}
        for name in ("gcc", *_PROGRAMS):
            for path in loaded(files[name], self._env) if name in files else ():
                if not _C_LIBRARY.match(path.name):
                    key = f"library {path.name}"
                    known = found.setdefault(key, path)
                    found |= {} if known == path else {f"{key} of {name}": path}
        return found

    def _run(self, words: Sequence[str | Path]) -> process.Finished:
        return process.run(words, timeout=TIMEOUT, env=self._env, bare=True)


def _resolved(name: str, text: str, path: str) -> dict[str, Path]:
    place = text if "/" in text else shutil.which(text, path=path)
    return {name: Path(place)} if place and Path(place).is_file() else {}


def _search_path(output: str) -> Iterator[Path]:
    match = re.search(
        r"#include <\.\.\.> search starts here:\n(.*?)End of search", output, re.DOTALL
    )
    for line in match[1].splitlines() if match else ():
        folder = Path(os.path.normpath(line.strip()))
        if folder.is_dir():
            yield folder


def _placeless(line: str) -> str:
    """A command without folders and without random names of temporary files."""
    line = re.sub(r"\bcc\w{6}\.(s|o|res|le|ld|c|args)\b", r"\1", line)
    return re.sub(r"[^\s\"'=:,]*/", "", line).strip()


def _state(path: Path) -> list[int]:
    """Size, times and inode of a file. Setting the modification time back still changes ctime."""
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def _listing(folder: Path) -> str:
    rows = [(file.relative_to(folder).as_posix(), _state(file)) for file in _walk(folder)]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _walk(folder: Path) -> list[Path]:
    files = []
    for base, folders, names in os.walk(folder):
        folders.sort()
        files += [file for name in sorted(names) if (file := Path(base, name)).is_file()]
    return files
