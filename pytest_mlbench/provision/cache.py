"""The cache: folders that are made once, under a lock, and appear whole or not at all.

An entry is made in a temporary folder beside its place, verified, stamped with a listing of its
files, written to disk and renamed. A kill at any moment leaves either nothing, or a temporary
folder that the next run removes, whatever it needs itself. An entry whose stamp is missing, whose
files are not those of the stamp, or whose own check fails, is made again.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
import stat
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import filelock
import platformdirs

from pytest_mlbench import progress
from pytest_mlbench.errors import DiskFull, EnvironmentMistake, MlbenchError, Unavailable
from pytest_mlbench.process import owner

from . import stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TAG = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This folder is the cache of pytest-mlbench. It can be deleted at any time.\n"
)
_FULL = {errno.ENOSPC, errno.EDQUOT}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_FOLDER = {errno.ENOTDIR, errno.EEXIST, errno.ELOOP, errno.ENAMETOOLONG}
_CAUSES = {
    **dict.fromkeys(_DENIED, "cannot be written"),
    **dict.fromkeys(_NO_FOLDER, "is not a folder"),
}
LOCK_TIMEOUT = 3600.0
"""Seconds to wait for another process. Every build has a time limit, so this is never reached by
a worker that is alive and well."""


def default_root() -> Path:
    """Where this user's cache belongs when neither option nor environment names a folder."""
    return platformdirs.user_cache_path("pytest-mlbench")


class Cache:
    """The cache under `root`. Safe for any number of processes and threads."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().absolute()
        self._collected = False

    def entry(
        self,
        kind: str,
        key: str,
        make: Callable[[Path], None],
        *,
        verify: Callable[[Path], bool] | None = None,
        current: Callable[[Path], bool] | None = None,
        exact: bool = False,
    ) -> Path:
        """The folder of entry `key` of `kind`; `make(folder)` fills it when it is not there.

        `make` gets an empty folder in the same file system and may raise: nothing is kept then.
        `verify(folder)` says whether an entry is good; it is asked at every use, so keep it cheap.
        `current(folder)` says whether a whole entry still fits what it was made from, else it is
        made again in silence. Where `exact`, the content of each file is compared with its sha256
        at every use. An entry that is damaged is made again, and a progress line says so. The
        returned folder is complete and must not be changed. Raises DiskFull when the disk is full
        and EnvironmentMistake when the cache cannot be written.
        """
        name = safe_name(key)
        place = self.root / kind / name
        with self._told():
            try:
                lock = self._lock(kind, name)
            except OSError as error:
                # A cache that somebody else filled and mounted read-only is still good to read.
                if error.errno in _DENIED and not stamp.fault(place, verify, exact=exact):
                    return place
                raise
            try:
                fault = stamp.fault(place, verify, exact=exact)
                if not fault and current is not None and not current(place):
                    fault = stamp.OUTDATED
                if fault:
                    if fault not in {stamp.ABSENT, stamp.OUTDATED}:
                        progress.say(f"{kind} {key} in the cache is damaged ({fault}): made again")
                    self._make(kind, key, place, make, verify, exact=exact)
                return place
            finally:
                lock.release()

    def has(self, kind: str, key: str) -> bool:
        """Whether the entry is there and whole. Makes nothing."""
        return not stamp.fault(self.root / kind / safe_name(key), None, exact=False)

    def folder(self, *parts: str) -> Path:
        """A folder in the cache for notes that need no lock, made when missing."""
        with self._told():
            self._prepare()
            path = self.root.joinpath(*parts)
            path.mkdir(parents=True, exist_ok=True)
        return path

    def _make(
        self,
        kind: str,
        key: str,
        place: Path,
        make: Callable[[Path], None],
        verify: Callable[[Path], bool] | None,
        *,
        exact: bool,
    ) -> None:
        # Another name each time: a program that outlives a killed worker may still be writing to
        # the folder it was started for.
        place.parent.mkdir(parents=True, exist_ok=True)
        for stale in place.parent.glob(f".{place.name}.*.partial"):
            _remove_if_possible(stale)
        if place.is_symlink() or place.exists():
            _remove_if_possible(place.rename(_unused(place)))
        partial = _unused(place)
        partial.mkdir()
        try:
            make(partial)
            if verify is not None and not verify(partial):
                raise Unavailable(f"{kind} {key} failed its own check right after it was made")
            stamp.write(partial, kind, key, exact=exact)
            partial.rename(place)
            stamp.sync(place.parent)
        except BaseException:
            _remove_if_possible(partial)
            raise

    def _prepare(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        tag = self.root / "CACHEDIR.TAG"
        if not tag.exists():
            tag.write_text(_TAG, encoding="ascii")
        if not self._collected:
            self._collected = True
            for folder in self.root.iterdir():
                if folder.is_dir():
                    for path in owner.left_over(folder.glob("*.partial")):
                        _remove_if_possible(path)

    def _lock(self, kind: str, name: str) -> filelock.BaseFileLock:
        """The entry's lock, already held once. Waiting for it shows progress."""
        self._prepare()
        path = self.root / "locks" / kind / f"{name}.lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            _remove_if_possible(path)
        lock = filelock.FileLock(path)
        try:
            lock.acquire(timeout=0.2, poll_interval=0.02)
        except filelock.Timeout:
            with progress.step(f"waiting for another worker that makes {kind} {name}"):
                try:
                    lock.acquire(timeout=LOCK_TIMEOUT, poll_interval=0.1)
                except filelock.Timeout as error:
                    raise Unavailable(
                        f"another process held the lock for {LOCK_TIMEOUT:.0f} s",
                        where=str(path),
                        remedy="End that process, or use another --mlbench-cache",
                    ) from error
        return lock

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Tell a full disk and an unwritable folder in words; other errors pass."""
        try:
            yield
        except OSError as error:
            raise self.explain(error) from error

    def explain(self, error: OSError) -> OSError | MlbenchError:
        """What `error` means to a person if it is about this cache, else `error` itself."""
        other = "Name another folder with --mlbench-cache or MLBENCH_CACHE"
        where = f"cache {self.root}"
        if error.errno in _FULL:
            return DiskFull("the disk is full", where=where, remedy=f"Free some space. {other}")
        at = str(error.filename or "")
        if at and not _related(at, self.root):
            return error
        what = _CAUSES.get(error.errno or 0, "")
        if error.errno == errno.ENOENT and not self.root.is_dir():
            what = "cannot be made"
        if not what:
            return error
        return EnvironmentMistake(f"{what} ({error.strerror})", where=where, remedy=other)


def safe_name(key: str) -> str:
    """`key` as one file name: as it is when harmless, else shortened and made unique by a hash."""
    if re.fullmatch(r"[A-Za-z0-9_+][A-Za-z0-9._+=-]{0,120}", key):
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()[:16]
    return re.sub(r"[^A-Za-z0-9_+]+", "-", key).strip("-")[:60] + "-" + digest


def _related(path: str, root: Path) -> bool:
    at = Path(path)
    return at.is_relative_to(root) or root.is_relative_to(at)


def _unused(place: Path) -> Path:
    """A name beside `place` that nobody has used; what is left under it is removed some day."""
    return place.with_name(f".{place.name}.{owner.name()}.{uuid.uuid4().hex[:8]}.partial")


def _remove_if_possible(path: Path) -> None:
    """Remove a file or folder, also one with read-only folders inside (git objects, packages)."""
    with contextlib.suppress(OSError):
        if path.is_symlink() or path.is_file():
            path.unlink()
            return
        for folder, _, _ in os.walk(path):
            Path(folder).chmod(stat.S_IRWXU)
        shutil.rmtree(path)
