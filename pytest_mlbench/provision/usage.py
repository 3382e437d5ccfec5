"""Lists the cache's entries with size and age, and removes entries."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import filelock

from .stamp import STAMP

if TYPE_CHECKING:
    from pathlib import Path

    from .cache import Cache


@dataclass(frozen=True, order=True)
class Entry:
    """One entry. `used` is when it was created or last read, in seconds since the epoch."""

    kind: str
    name: str
    bytes: int
    used: float


def entries(cache: Cache) -> list[Entry]:
    """All complete entries of `cache`, sorted by kind and name. Links are not followed."""
    stamps = sorted(cache.root.glob(f"*/*/{STAMP}")) if cache.root.is_dir() else []
    return [_entry(stamp) for stamp in stamps if not stamp.parent.name.startswith(".")]


def remove(cache: Cache, entry: Entry) -> None:
    """Removes an entry, unless another process is creating or replacing it."""
    lock = cache.root / "locks" / entry.kind / f"{entry.name}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(lock, timeout=0):
            place = cache.root / entry.kind / entry.name
            # Remove the stamp first: after a kill, the remaining files are not a valid entry.
            (place / STAMP).unlink(missing_ok=True)
            _writable(place)
            shutil.rmtree(place, ignore_errors=True)
    except filelock.Timeout:
        return


def _entry(stamp: Path) -> Entry:
    place = stamp.parent
    files = [path.lstat() for path in place.rglob("*") if not path.is_dir() or path.is_symlink()]
    at = stamp.stat()
    # Reading an entry reads its stamp. Without access times, the creation time is used.
    return Entry(
        place.parent.name,
        place.name,
        sum(row.st_size for row in files),
        max(at.st_mtime, at.st_atime),
    )


def _writable(place: Path) -> None:
    """Makes read-only folders (git objects, packages) writable, so that they can be emptied."""
    for path in [place, *place.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o700)
