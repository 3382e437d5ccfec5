"""Finds CMake and Ninja in their wheels or on PATH; computes digests of programs."""

from __future__ import annotations

import contextlib
import csv
import functools
import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench import process
from pytest_mlbench.errors import Unavailable
from pytest_mlbench.process import owner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .cache import Cache

TIMEOUT = 30.0


@dataclass(frozen=True)
class Tool:
    """A program and its version."""

    path: Path
    version: str


@functools.cache
def cmake() -> Tool:
    """CMake. Raises Unavailable if it is not found."""
    return _wheel("cmake", "cmake/data/bin/cmake", "pip install cmake")


@functools.cache
def ninja() -> Tool:
    """Ninja. Raises Unavailable if it is not found."""
    return _wheel("ninja", "bin/ninja", "pip install ninja")


def contents_digest(program: Path, cache: Cache | None) -> str:
    """The sha256 of a program; stored in `cache` until the file changes."""
    status = program.resolve().stat()
    state = [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
    name = hashlib.sha256(f"{program.resolve()}".encode()).hexdigest()[:24]
    note = cache.root / "probes" / f"program-{name}.json" if cache is not None else None
    if note is not None:
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
            row = json.loads(note.read_text(encoding="utf-8"))
            if row["state"] == state and re.fullmatch(r"[0-9a-f]{64}", row["sha256"]):
                return str(row["sha256"])
    digest = file_digest(program)
    if note is not None:
        with contextlib.suppress(OSError):
            note.parent.mkdir(parents=True, exist_ok=True)
            partial = note.with_suffix(f".{owner.name()}.partial")
            partial.write_text(json.dumps({"state": state, "sha256": digest}), encoding="utf-8")
            partial.replace(note)
    return digest


_digests: dict[tuple[int, ...], str] = {}


def file_digest(path: Path) -> str:
    """The sha256 of a file. A process reads each state of it once: compilers for several ISAs, or
    in several caches, share their files."""
    status = path.stat()
    times = (status.st_mtime_ns, status.st_ctime_ns)
    state = (status.st_dev, status.st_ino, status.st_size, *times)
    if state not in _digests:
        hasher = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                hasher.update(block)
        _digests[state] = hasher.hexdigest()
    return _digests[state]


def loaded(program: Path, env: Mapping[str, str] | None = None) -> list[Path]:
    """The shared libraries that the loader finds for `program` (ld.so(8)); none but on Linux."""
    if sys.platform != "linux" or not os.access(program, os.X_OK):
        return []
    traced = {**(env or {}), "LD_TRACE_LOADED_OBJECTS": "1"}
    said = process.run([program], timeout=TIMEOUT, env=traced, bare=True).text
    return [Path(name) for name in re.findall(r"=> (/\S+)", said)]


def _wheel(name: str, ending: str, remedy: str) -> Tool:
    program = in_wheel(name, ending)
    if program is not None:
        return Tool(program, importlib.metadata.version(name))
    other = shutil.which(name)
    if other is not None:
        done = process.run([other, "--version"], timeout=TIMEOUT)
        match = re.search(r"\d+(\.\d+)+", done.text)
        if done.returncode == 0 and match:
            return Tool(Path(other).absolute(), match[0])
    raise Unavailable(f"there is no working {name}", remedy=f"Install it with: {remedy}")


def in_wheel(distribution: str, ending: str) -> Path | None:
    """The file of an installed distribution whose path has this ending; None if there is none."""
    try:
        installed = importlib.metadata.distribution(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
    # Not `files`: it makes an object of each of CMake's thousands of files.
    record = (installed.read_text("RECORD") or "").splitlines()
    for file, *_ in csv.reader(line for line in record if ending in line):
        if file.endswith(ending):
            path = Path(str(installed.locate_file(file))).resolve()
            if os.access(path, os.X_OK):
                return path
    return None
