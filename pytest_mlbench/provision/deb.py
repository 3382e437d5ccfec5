"""Unpacks a Debian package without a folder that is half of it (deb(5), ar(5), tar(5))."""

from __future__ import annotations

import io
import lzma
import tarfile
from typing import TYPE_CHECKING

from pytest_mlbench.errors import FetchRefused

from . import archive
from .xz import Xz

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HEADER = 60
"""Bytes of a member's header in an ar archive."""


def unpack_without(hole: tuple[int, int], deb: Path, folder: Path) -> None:
    """Unpacks `deb`, whose files are in data.tar.xz, into `folder`.

    Left out are the bytes of data.tar from `hole[0]` to before `hole[1]`: whole members. Raises
    FetchRefused if the package or the hole does not fit.
    """
    with archive.refusals(deb), deb.open("rb") as file:
        offset, size = _member(file, b"data.tar.xz")
        data = Xz(file.fileno(), offset, size)
        length = sum(block.length for block in data.blocks) - (hole[1] - hole[0])
        content = _Stream(data.without(hole))
        try:
            with tarfile.open(fileobj=content, mode="r|", bufsize=1 << 20) as tar:
                archive.extract(tar, folder, deb)
                # tarfile takes what is no header for the end.
                if length - tar.offset > tarfile.RECORDSIZE:
                    raise tarfile.ReadError(f"there is no file at {tar.offset}")
        except lzma.LZMAError as error:
            raise FetchRefused(f"cannot be unpacked: {error}", where=str(deb)) from error


class _Stream(io.RawIOBase):
    """Pieces of bytes as a file."""

    def __init__(self, pieces: Iterator[bytes | memoryview]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fills the start of `buffer`. Returns how many bytes, 0 at the end."""
        if not self._rest:
            self._rest = memoryview(next(self._pieces, b""))
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def _member(file: io.BufferedReader, name: bytes) -> tuple[int, int]:
    """Offset and size of a member of an ar archive."""
    at = len(file.read(8))
    while len(header := file.read(_HEADER)) == _HEADER:
        size = int(header[48:58])
        at += _HEADER
        if header[:16].rstrip(b" /") == name:
            return at, size
        at += size + size % 2
        file.seek(at)
    raise FetchRefused(f"has no {name.decode()}", where=file.name)
