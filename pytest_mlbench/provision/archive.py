"""Unpacks tar and zip archives so that nothing can be written outside the folder."""

from __future__ import annotations

import errno
import shutil
import tarfile
import uuid
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pytest_mlbench.errors import FetchRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 2_000_000_000
MAX_MEMBERS = 200_000
MAX_DEPTH, MAX_NAME = 100, 255
"""Limits on nested folders and on the bytes of a name: more than any source needs."""

_OURS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO}
"""Errors of the destination. Any other error is the archive's fault, such as a file in place of a
folder."""


def unpack(file: Path, folder: Path) -> None:
    """Unpacks `file` into the empty `folder`, without the single top folder of most archives.

    Unpacks regular files, folders, and symbolic links that stay inside; other links are skipped.
    Raises FetchRefused for an absolute name, a name with `..`, a device, a decompression bomb, or a
    file that is not an archive.
    """
    try:
        if zipfile.is_zipfile(file):
            _unzip(file, folder)
        else:
            _untar(file, folder)
        _lift(folder)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, RuntimeError) as error:
        if isinstance(error, OSError) and error.errno in _OURS:
            raise
        reason = " ".join(str(getattr(error, "strerror", "") or error).split())
        raise FetchRefused(f"cannot be unpacked: {reason}", where=str(file)) from error


def _untar(file: Path, folder: Path) -> None:
    with tarfile.open(file) as tar:
        total = 0
        for count, member in enumerate(tar):
            target = _inside(member.name, folder, file)
            total += member.size
            _bounded(count, total, file)
            if member.isdir():
                target.mkdir(parents=True, exist_ok=True)
            elif member.isfile():
                source = tar.extractfile(member)
                assert source is not None
                target.parent.mkdir(parents=True, exist_ok=True)
                with source, _fresh(target, file).open("xb") as copy:
                    shutil.copyfileobj(source, copy)
                target.chmod(0o755 if member.mode & 0o100 else 0o644)
            elif member.issym():
                _inside(str(PurePosixPath(member.name).parent / member.linkname), folder, file)
                target.parent.mkdir(parents=True, exist_ok=True)
                _fresh(target, file).symlink_to(member.linkname)
            else:
                raise FetchRefused(f"{member.name!r} is neither file nor folder", where=str(file))


def _unzip(file: Path, folder: Path) -> None:
    with zipfile.ZipFile(file) as pack:
        total = 0
        for count, member in enumerate(pack.infolist()):
            target = _inside(member.filename, folder, file)
            total += member.file_size
            _bounded(count, total, file)
            if member.is_dir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with pack.open(member) as source, _fresh(target, file).open("xb") as copy:
                shutil.copyfileobj(source, copy)


def _inside(name: str, folder: Path, file: Path) -> Path:
    """The path of member `name` in `folder`. Raises FetchRefused if it would be outside."""
    pure = PurePosixPath(name.replace("\\", "/"))
    depth = 0
    for part in pure.parts:
        depth += -1 if part == ".." else 1
        if pure.is_absolute() or depth < 0 or "\0" in part or part.endswith(":"):
            raise FetchRefused(f"{name!r} would be written outside its folder", where=str(file))
    if len(pure.parts) > MAX_DEPTH or any(len(p.encode()) > MAX_NAME for p in pure.parts):
        raise FetchRefused(f"the name {name[:60]!r}... is too long", where=str(file))
    target = folder.joinpath(*pure.parts)
    for parent in target.parents:
        if parent == folder:
            break
        if parent.is_symlink():
            raise FetchRefused(f"{name!r} would be written through a link", where=str(file))
    return target


def _fresh(target: Path, file: Path) -> Path:
    if target.is_symlink() or target.exists():
        raise FetchRefused(f"{target.name!r} is in the archive twice", where=str(file))
    return target


def _bounded(count: int, total: int, file: Path) -> None:
    if count > MAX_MEMBERS or total > MAX_BYTES:
        raise FetchRefused("it unpacks to more than any source needs", where=str(file))


def _lift(folder: Path) -> None:
    """Moves the contents of a single top folder up by one level."""
    rows = list(folder.iterdir())
    if len(rows) == 1 and rows[0].is_dir() and not rows[0].is_symlink():
        # Use a new name: the folder may contain something with the folder's own name.
        top = rows[0].rename(folder / f".{uuid.uuid4().hex}")
        for row in _listed(top):
            row.rename(folder / row.name)
        top.rmdir()


def _listed(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.iterdir())
