"""Zig's complete wheel, the one that LLVM is from: its `zig c++` compiles for this machine."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from pytest_mlbench import progress

from . import llvm
from .archive import unpack

if TYPE_CHECKING:
    from pathlib import Path

    from .fetch import Fetcher
    from .pinned import Artifact

KIND = "zig"


def program(fetcher: Fetcher) -> Path:
    """The program `zig` with its libraries, from the cache, a mirror or pip.

    Raises Unavailable if it cannot be fetched.
    """
    pin = llvm.wheel(platform.system(), platform.machine())
    folder = fetcher.cache.entry(KIND, pin.sha256, lambda folder: _fill(folder, pin, fetcher))
    return folder / "ziglang" / "zig"


def is_here(fetcher: Fetcher) -> bool:
    """Is it in the cache?"""
    row = llvm.WHEELS.get((platform.system(), platform.machine()))
    return row is not None and fetcher.cache.has(KIND, row[2])


def _fill(folder: Path, pin: Artifact, fetcher: Fetcher) -> None:
    file = folder / pin.file_name
    llvm.bring(pin, file, fetcher)
    with progress.step("unpacking Zig's C++ compiler"):
        unpack(file, folder)
    file.unlink()
    (folder / "ziglang" / "zig").chmod(0o755)
