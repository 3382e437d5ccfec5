"""Folders for what a program reads and nobody keeps, in TMPDIR."""

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
    """A folder for the block; those that killed runs left are removed. Raises DiskFull when there
    is no place for it, or no room for what the block writes."""
    try:
        place = tempfile.gettempdir()
        if place not in _collected:
            _collected.add(place)
            for old in owner.left_over(Path(place).glob(f"{_PREFIX}*")):
                shutil.rmtree(old, ignore_errors=True)
        made = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{purpose}-{owner.name()}-", dir=place))
    except OSError as error:
        raise _told(error) from error
    try:
        yield made
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise _told(error) from error
        raise
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _told(error: OSError) -> DiskFull:
    return DiskFull(
        f"the folder for temporary files cannot be written: {error.strerror or error}",
        where=os.environ.get("TMPDIR", "/tmp"),  # noqa: S108 (what tempfile looks at first)
        remedy="Free some space, or name another folder with TMPDIR",
    )
