"""Temporary folders in TMPDIR."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.errors import DiskFull

from . import owner

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = "mlbench-"
_collected: set[str] = set()


@contextlib.contextmanager
def folder(purpose: str) -> Iterator[Path]:
    """A temporary folder for the block. Folders left by killed runs are removed.

    Raises DiskFull if the folder cannot be created or the block runs out of disk space.
    """
    try:
        place = tempfile.gettempdir()
        if place not in _collected:
            _collected.add(place)
            for old in owner.left_over(Path(place).glob(f"{_PREFIX}*")):
                shutil.rmtree(old, ignore_errors=True)
        path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{purpose}-{owner.name()}-", dir=place))
    except OSError as error:
        raise _disk_full(error) from error
    try:
        yield path
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise _disk_full(error) from error
        raise
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _disk_full(error: OSError) -> DiskFull:
    return DiskFull(
        f"the folder for temporary files cannot be written: {error.strerror or error}",
        where=os.environ.get("TMPDIR", "/tmp"),  # noqa: S108 (what tempfile looks at first)
        remedy="Free some space, or name another folder with TMPDIR",
    )
