"""One writer at a time for a file that several runs change, on any number of machines."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from typing import TYPE_CHECKING

import filelock

from pytest_mlbench.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TIMEOUT = 60.0
"""Seconds to wait for other writers. Each holds the lock for one read and one write."""

_NO_FOLDERS = {errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP}
"""Errors of file systems that cannot lock folders, as many network file systems."""


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of the folder that `path` is in, which every run that changes `path` takes.

    Locking the folder leaves no lock file in a git repository. If folders cannot be locked, a
    hidden file beside `path` is. Raises UsageError if neither can be locked.
    """
    place = os.path.realpath(path)
    folder, name = os.path.split(place)
    try:
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(_folder(folder))
            except OSError as error:
                if error.errno not in _NO_FOLDERS:
                    raise
                lock = filelock.FileLock(f"{folder}/.{name}.lock", timeout=TIMEOUT)
                stack.enter_context(lock)
            yield
    except (TimeoutError, filelock.Timeout) as error:
        raise UsageError(
            f"another run has been writing it for {TIMEOUT:.0f} s", where=str(path)
        ) from error
    except OSError as error:
        raise UsageError(f"cannot be locked: {error.strerror or error}", where=str(path)) from error


@contextlib.contextmanager
def _folder(folder: str) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        until = time.monotonic() + TIMEOUT
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise TimeoutError from None
                time.sleep(0.02)
        yield
    finally:
        os.close(handle)
