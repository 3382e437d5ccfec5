"""What a compiler consists of: all files that can change what it makes, and how it calls them.

The driver `gcc` says itself which programs, specifications, headers and libraries it uses. Each of
them may be upgraded alone (binutils and the C library are packages of their own), replaced by a
wrapper, or found through PATH, so each is a part of the compiler's identity.
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

from .tools import loaded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

TIMEOUT = 60.0
_PROGRAMS = ("cc1", "cc1plus", "as", "collect2", "ld", "lto-wrapper")
_FILES = ("specs", "liblto_plugin.so", "libgcc.a", "libc.a", "libm.a", "libstdc++.a", "libsupc++.a")
_BINUTILS = ("g++", "ar", "ranlib")
"""Programs beside `gcc`, with its prefix, that a build calls by themselves."""

_LINK = ("-nostartfiles", "probe.o", "-o", "probe.elf")
_C_LIBRARY = re.compile(r"(ld-|ld64|lib(c|m|dl|rt|pthread|mvec|util|resolv|nsl)[.-])")
"""glibc's and musl's own files."""

_LANGUAGES = (("c", "gcc"), ("c++", "g++"))


@dataclass(frozen=True)
class Ingredients:
    """The files of a compiler by a name without folders; search paths for headers; calls.

    `calls` are the commands that the driver would run, without folders: options that a wrapper or
    a specification adds show here.
    """

    files: tuple[tuple[str, Path], ...]
    folders: tuple[Path, ...]
    calls: tuple[str, ...]

    def digest(self) -> str:
        """The sha256 of all contents and calls. No folder's place enters it."""
        digest = hashlib.sha256()
        for name, path in self.files:
            digest.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        for folder in self.folders:
            for file in _walk(folder):
                inside = file.relative_to(folder).as_posix()
                found = hashlib.sha256(file.read_bytes()).hexdigest()
                digest.update(f"{inside} {found}\n".encode())
        digest.update("\n".join(self.calls).encode())
        return digest.hexdigest()

    def states(self) -> list[list[Any]]:
        """What tells, without reading them, that no file has changed since (see `unchanged`)."""
        paths = [path for _, path in self.files]
        return [
            *(["file", str(path), *_state(path)] for path in paths),
            *(["folder", str(folder), _listing(folder)] for folder in self.folders),
        ]


def unchanged(states: Iterable[Sequence[Any]]) -> bool:
    """Are all files and folders as they were when `Ingredients.states` was called?"""
    try:
        for kind, path, *rest in states:
            found = _state(Path(path)) if kind == "file" else [_listing(Path(path))]
            if found != rest:
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

    `archives` are the libraries that a link was seen to read.
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
            said = asked.verbose(files[driver], language)
            for text in re.findall(r"^Reading specs from (.+)$", said, re.MULTILINE):
                files |= _found(f"specs {driver} {Path(text).name}", text.strip(), asked.path)
            for text in re.findall(r"^COLLECT_GCC=(.+)$", said, re.MULTILINE):
                files |= _found(f"driver {driver}", text.strip(), asked.path)
            folders |= dict.fromkeys(_search_path(said))
    for archive in archives:
        files[f"archive {archive.name}"] = archive
    files |= asked.loaded(files)
    rows = tuple(sorted(files.items()))
    return Ingredients(rows, tuple(folders), asked.calls())


class Driver:
    """Asks one GCC driver what it would use with the given options."""

    def __init__(self, gcc: Path, options: tuple[str, ...], env: Mapping[str, str]) -> None:
        self._gcc = gcc
        self._options = options
        self._env = env
        self.path = env.get("PATH") or os.environ.get("PATH", os.defpath)

    def named(self, name: str, question: str, *, on_path: bool) -> dict[str, Path]:
        """The file that answers `-print-...-name`; a bare name is looked for on PATH, as GCC
        does with programs, and is no file otherwise."""
        answer = self._run([self._gcc, *self._options, question]).text.strip()
        if "/" not in answer and not on_path:
            return {}
        return _found(name, answer, self.path)

    def verbose(self, driver: Path, language: str) -> str:
        """What `driver -v` says while it preprocesses nothing."""
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
        """The commands that it would run to compile, to assemble and to link."""
        rows: list[str] = []
        for words in (
            ("-O2", "-S", "-x", "c", "probe.c", "-o", "probe.s"),
            ("-c", "-x", "assembler", "probe.s", "-o", "probe.o"),
            _LINK,
        ):
            rows += map(_placeless, self._shown(words))
        return tuple(rows)

    def link(self) -> str:
        """The command that it would run to link, empty when it does not say."""
        return " ".join(self._shown(_LINK))

    def _shown(self, words: Sequence[str]) -> list[str]:
        said = self._run([self._gcc, *self._options, "-###", *words]).error_text
        return [line for line in said.splitlines() if line.startswith(" ")]

    def loaded(self, files: Mapping[str, Path]) -> dict[str, Path]:
        """The shared libraries of the host that the programs load, but for the C library's own.

        GCC folds constants by GMP, MPFR and MPC and reorders loops by isl: packages of their own.
        The C library and the loader are the machine's interface, which does not compute code.
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


def _found(name: str, text: str, path: str) -> dict[str, Path]:
    place = text if "/" in text else shutil.which(text, path=path)
    return {name: Path(place)} if place and Path(place).is_file() else {}


def _search_path(said: str) -> Iterator[Path]:
    match = re.search(r"#include <\.\.\.> search starts here:\n(.*?)End of search", said, re.DOTALL)
    for line in match[1].splitlines() if match else ():
        folder = Path(os.path.normpath(line.strip()))
        if folder.is_dir():
            yield folder


def _placeless(line: str) -> str:
    """A command without folders and without the random names of temporary files."""
    line = re.sub(r"\bcc\w{6}\.(s|o|res|le|ld|c|args)\b", r"\1", line)
    return re.sub(r"[^\s\"'=:,]*/", "", line).strip()


def _state(path: Path) -> list[int]:
    """Size, times and number of a file; a program that only sets a file's time back changes the
    third."""
    found = path.stat()
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def _listing(folder: Path) -> str:
    rows = [(file.relative_to(folder).as_posix(), _state(file)) for file in _walk(folder)]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _walk(folder: Path) -> list[Path]:
    found = []
    for base, folders, names in os.walk(folder):
        folders.sort()
        found += [file for name in sorted(names) if (file := Path(base, name)).is_file()]
    return found
