"""The cache: folders that are created once, under a lock, and appear completely or not at all.

An entry is created in a temporary folder next to its final place, verified, stamped with a list of
its files, written to disk and renamed. A kill at any moment leaves nothing, or a temporary folder
that the next run removes. An entry is created again if its stamp is missing, its files do not match
the stamp, or its own check fails.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
import stat
import threading
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
"""Seconds to wait for another process. Every build has a shorter time limit, so that a working
process never holds the lock this long."""


def default_root() -> Path:
    """The folder of this user's cache if neither option nor environment names one."""
    return platformdirs.user_cache_path("pytest-mlbench")


class _Locks(threading.local):
    """How many locks of entries this thread holds."""

    held = 0


class Cache:
    """The cache under `root`. Safe for any number of processes and threads."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().absolute()
        self.meanwhile: Iterator[Callable[[], object]] = iter(())
        """What this process can do while it waits for an entry that another one makes. Errors are
        ignored: what depends on a job does the work itself, and meets them again."""
        self._idle = threading.Lock()
        self._locks = _Locks()
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
        """The folder of entry `key` of `kind`; if it does not exist, `make(folder)` fills it.

        `make` gets an empty folder in the same file system; if it raises, nothing is stored.
        `verify(folder)` says whether an entry is valid; it runs at every use, so keep it cheap.
        `current(folder)` says whether an entry still matches its sources; if not, it is created
        again silently. With `exact`, the content of each file is compared with its sha256 at every
        use. A damaged entry is created again, and a progress line says so. The returned folder is
        complete and must not be changed. Raises DiskFull if the disk is full, EnvironmentMistake if
        the cache cannot be written.
        """
        name = safe_name(key)
        place = self.root / kind / name

        def why_not() -> str:
            fault = stamp.fault(place, verify, exact=exact)
            return fault or ("" if current is None or current(place) else stamp.OUTDATED)

        with self._explained():
            try:
                lock = self._lock(kind, name)
            except OSError as error:
                # A cache that was filled elsewhere and mounted read-only can still be read.
                if error.errno in _DENIED and not why_not():
                    return place
                raise
            self._locks.held += 1
            try:
                if fault := why_not():
                    if fault not in {stamp.ABSENT, stamp.OUTDATED}:
                        progress.say(f"{kind} {key} in the cache is damaged ({fault}): made again")
                    self._make(kind, key, place, make, verify, exact=exact)
                return place
            finally:
                self._locks.held -= 1
                lock.release()

    def has(self, kind: str, key: str) -> bool:
        """Whether the entry exists and is complete. Creates nothing."""
        return not stamp.fault(self.root / kind / safe_name(key), None, exact=False)

    def find(self, kind: str, key: str) -> Path | None:
        """The folder of an entry whose files are all as they were stored; None without one.

        It takes no lock and creates nothing: another process may remove the entry at any time.
        """
        place = self.root / kind / safe_name(key)
        return None if stamp.fault(place, None, exact=True) else place

    def folder(self, *parts: str) -> Path:
        """A folder in the cache for notes that need no lock; created if missing."""
        with self._explained():
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
        # A new name each time: a program that outlives a killed worker may still be writing to
        # its folder.
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
                raise Unavailable(f"{kind} {key} failed its check right after it was created")
            stamp.write(partial, kind, key, exact=exact)
            partial.rename(place)
            if not exact:
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
        """Acquires the entry's lock; shows progress while waiting."""
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
                    if not self._used_meanwhile(lock):
                        lock.acquire(timeout=LOCK_TIMEOUT, poll_interval=0.1)
                except filelock.Timeout as error:
                    raise Unavailable(
                        f"another process held the lock for {LOCK_TIMEOUT:.0f} s",
                        where=str(path),
                        remedy="End that process, or use another --mlbench-cache",
                    ) from error
        return lock

    def _used_meanwhile(self, lock: filelock.BaseFileLock) -> bool:
        """Does jobs of `meanwhile` until they end or `lock` is acquired. Returns whether it is.

        A thread that holds another lock does none: a job may need an entry whose maker waits for
        just that lock.
        """
        if self._locks.held or not self._idle.acquire(blocking=False):
            return False
        try:
            for job in self.meanwhile:
                with contextlib.suppress(Exception):
                    job()
                with contextlib.suppress(filelock.Timeout):
                    lock.acquire(timeout=0)
                    return True
        finally:
            self._idle.release()
        return False

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Explains the errors of a full disk and an unwritable folder; others pass unchanged."""
        try:
            yield
        except OSError as error:
            raise self.explain(error) from error

    def explain(self, error: OSError) -> OSError | MlbenchError:
        """An error for the user if `error` is about this cache, else `error` itself."""
        other = "Name another folder with --mlbench-cache or MLBENCH_CACHE"
        where = f"cache {self.root}"
        if error.errno in _FULL:
            return DiskFull("the disk is full", where=where, remedy=f"Free some space. {other}")
        at = str(error.filename or "")
        if at and not _related(at, self.root):
            return error
        what = _CAUSES.get(error.errno or 0, "")
        if error.errno == errno.ENOENT and not self.root.is_dir():
            what = "cannot be created"
        if not what:
            return error
        return EnvironmentMistake(f"{what} ({error.strerror})", where=where, remedy=other)


def safe_name(key: str) -> str:
    """`key` as a file name: unchanged if it is safe, else shortened and made unique by a hash."""
    if re.fullmatch(r"[A-Za-z0-9_+][A-Za-z0-9._+=-]{0,120}", key):
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()[:16]
    return re.sub(r"[^A-Za-z0-9_+]+", "-", key).strip("-")[:60] + "-" + digest


def _related(path: str, root: Path) -> bool:
    at = Path(path)
    return at.is_relative_to(root) or root.is_relative_to(at)


def _unused(place: Path) -> Path:
    """An unused name next to `place`. A later run removes what is left there."""
    return place.with_name(f".{place.name}.{owner.name()}.{uuid.uuid4().hex[:8]}.partial")


def _remove_if_possible(path: Path) -> None:
    """Removes a file or folder, even with read-only folders inside (git objects, packages)."""
    with contextlib.suppress(OSError):
        if path.is_symlink() or path.is_file():
            path.unlink()
            return
        for folder, _, _ in os.walk(path):
            Path(folder).chmod(stat.S_IRWXU)
        shutil.rmtree(path)
