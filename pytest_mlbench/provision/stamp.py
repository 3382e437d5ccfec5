"""The stamp of a cache entry: a list of its files, which shows that the entry is complete."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STAMP = ".mlbench-entry.json"
_SCHEMA = 1
_SYNC_EACH = 200
"""Entries of up to this many files are synced file by file; larger ones rely on their stamp."""

ABSENT, OUTDATED = "it is not there", "an earlier version made it"
"""Reasons to create an entry without a warning."""


def write(folder: Path, kind: str, key: str, *, exact: bool) -> None:
    """Stamps a finished entry and writes it to disk.

    `exact` adds the sha256 of each file. As it is compared at every use, files that a loss of power
    damages are noticed then, and nothing waits for the disk now.
    """
    files = listing(folder)
    facts = {"schema": _SCHEMA, "kind": kind, "key": key, "files": files}
    if exact:
        facts["sha256"] = _sums(folder, files)
    elif len(files) <= _SYNC_EACH:
        for name in sorted(files):
            sync(folder / name)
    stamp = folder / STAMP
    stamp.write_text(json.dumps(facts, sort_keys=True), encoding="utf-8")
    if not exact:
        sync(stamp)
        sync(folder)


def fault(place: Path, verify: Callable[[Path], bool] | None, *, exact: bool) -> str:
    """Why the entry at `place` cannot be used; empty if it can.

    Names and sizes must match the stamp; with `exact`, contents too.
    """
    if not place.is_dir():
        return "it is no folder" if place.is_symlink() or place.exists() else ABSENT
    try:
        stamp = json.loads((place / STAMP).read_text(encoding="utf-8"))
        if stamp["schema"] != _SCHEMA:
            return OUTDATED
        files = listing(place)
        if stamp["files"] != files:
            return "its files are not those that were stored"
        if exact and "sha256" not in stamp:
            return OUTDATED
        if exact and (changed := _changed(stamp["sha256"], _sums(place, files))):
            return f"{changed} was changed"
        if verify is not None and not verify(place):
            return "it fails its own check"
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "its listing cannot be read"
    return ""


def listing(folder: Path) -> dict[str, int]:
    """Relative path -> size of everything in `folder` except the stamp. Links are not followed."""
    sizes: dict[str, int] = {}
    stack = [str(folder)]
    start = len(str(folder)) + 1
    while stack:
        with os.scandir(stack.pop()) as rows:
            for row in rows:
                if row.is_dir(follow_symlinks=False):
                    stack.append(row.path)
                else:
                    sizes[row.path[start:]] = row.stat(follow_symlinks=False).st_size
    sizes.pop(STAMP, None)
    return sizes


def sync(path: Path) -> None:
    """Writes a file or folder to disk."""
    if path.is_symlink():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sums(folder: Path, files: dict[str, int]) -> dict[str, str]:
    sums = {}
    for name in sorted(files):
        with (folder / name).open("rb") as file:
            digest = hashlib.sha256()
            while block := file.read(1 << 20):
                digest.update(block)
        sums[name] = digest.hexdigest()
    return sums


def _changed(expected: dict[str, str], found: dict[str, str]) -> str:
    names = sorted({*expected, *found})
    return next((name for name in names if expected.get(name) != found.get(name)), "")
