"""Reading and writing reports and results: whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import uuid
from pathlib import Path

from pytest_mlbench.errors import UsageError
from pytest_mlbench.process import owner

LIMIT = 256 << 20
"""The largest results file or baseline that is read, in bytes: some 5,000 cases."""

_STREAMS = ("/dev/", "/proc/")


def write_text(path: Path, text: str) -> Path:
    """Replace the content of `path` by `text` in one step; makes its folders. Raises UsageError.

    A symbolic link stays, and the file it points to is replaced. A device or a pipe is written to.
    Temporary files of writers that were killed are removed.
    """
    # Half of a surrogate pair, which no file can hold, is written as what it is.
    data = text.encode("utf-8", "backslashreplace")
    try:
        place = _place(path)
        if is_stream(path):
            _write_stream(path, data)
        else:
            _replace(place, data)
    except OSError as error:
        raise UsageError(f"cannot write it: {error.strerror or error}", where=str(path)) from error
    return path


def append_text(path: Path, text: str) -> None:
    """Append to a file that others write to as well, like a CI step's summary."""
    try:
        with path.open("ab") as stream:
            stream.write(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UsageError(
            f"cannot append to it: {error.strerror or error}", where=str(path)
        ) from error


def read_text(path: Path, *, remedy: str = "") -> str:
    """The text of a results file. Raises UsageError if it is no file, or too big.

    A pipe is read only if the shell made it (`/dev/fd/63`, `/dev/stdin`): others may never end.
    """
    try:
        # A pipe that nobody writes to is opened too, instead of waiting for ever.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) and not str(path).startswith(_STREAMS):
                raise UsageError("is no file", where=str(path), remedy=remedy)
            if stat.S_ISCHR(found.st_mode):
                raise UsageError("is a device, not a file", where=str(path), remedy=remedy)
            os.set_blocking(file.fileno(), True)
            too_big = found.st_size > LIMIT
            data = b"" if too_big else file.read(LIMIT + 1)
    except OSError as error:
        reason = f"cannot read it: {error.strerror or error}"
        raise UsageError(reason, where=str(path), remedy=remedy) from error
    if too_big or len(data) > LIMIT:
        raise UsageError(
            f"is bigger than any results file ({LIMIT >> 20} MiB)", where=str(path), remedy=remedy
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError("it is not UTF-8 text", where=str(path), remedy=remedy) from error


def _place(path: Path) -> Path:
    """Where the file really is, links followed; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def is_stream(path: Path) -> bool:
    """Whether it is a device, a pipe or the like, without content that could be replaced.

    A name like /dev/stdout leads to a file when it is redirected: that file is the shell's.
    """
    if str(path.absolute()).startswith(_STREAMS):
        return True
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _write_stream(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_APPEND)  # a pipe without a reader
    os.set_blocking(handle, True)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)


def _replace(place: Path, data: bytes) -> None:
    for path in owner.left_over(place.parent.glob(f".{_escaped(place.name)}.*.partial")):
        with contextlib.suppress(OSError):
            path.unlink()
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.with_name(
        f".{place.name[:100]}.{owner.name()}.{uuid.uuid4().hex[:8]}.partial"
    )
    try:
        with temporary.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(place.stat().st_mode & 0o777 if place.exists() else 0o644)
        temporary.replace(place)
    finally:
        temporary.unlink(missing_ok=True)


def _escaped(name: str) -> str:
    """`name` as a pattern for `glob` that matches nothing else."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name[:100])
