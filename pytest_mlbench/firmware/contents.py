"""Hashes of files and folders for build keys. Absolute paths never enter a hash."""

from __future__ import annotations

import hashlib
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlbench.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .components import Component

_LEFT_OUT = {".git", "__pycache__"}
HEADERS = frozenset({".h", ".hh", ".hpp", ".hxx", ".inc", ".inl", ".ipp", ".tcc", ".def"})
"""Suffixes of files that are only included."""

_INCLUDED = {*HEADERS, "", ".c", ".cc", ".cpp", ".s", ".S"}
"""The files of a search path to hash. It is often a whole checkout, with images and archives."""


def component(value: Component) -> dict[str, Any]:
    """Everything that a component contributes to a build, as plain data; contents as hashes."""
    return {
        "name": value.name,
        "texts": {name: text_hash(text) for name, text in sorted(value.texts.items())},
        "sources": [[path.name, path_hash(path)] for path in value.sources],
        "beside": _beside(value.sources),
        "headers": [headers_hash(path) for path in value.headers],
        "public": value.public,
        "defines": list(value.defines),
        "options": options(value.options),
        "march": value.march,
        "cmake": path_hash(value.cmake) if value.cmake is not None else "",
        "target": value.cmake_target,
    }


def _beside(sources: Iterable[Path]) -> dict[str, list[str]]:
    """The headers in the sources' folders, which `#include "..."` finds: name -> hashes."""
    found: dict[str, list[str]] = {}
    for folder in dict.fromkeys(path.parent for path in sources):
        for path in sorted(folder.iterdir()):
            if path.suffix in HEADERS and path.is_file():
                found.setdefault(path.name, []).append(_file(path))
    return found


def options(words: Iterable[str]) -> list[str]:
    """Options with each path of an existing file or folder replaced by the hash of its contents."""
    return [_option(word) for word in words]


def digest(data: Mapping[str, Any]) -> str:
    """The hash of plain data."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def text_hash(text: str) -> str:
    """The sha256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def path_hash(path: Path) -> str:
    """The hash of a file, or of all files below a folder with their relative names.

    Raises UsageError when there is neither.
    """
    if path.is_file():
        return _file(path)
    return _folder(path, lambda _: True)


def headers_hash(path: Path) -> str:
    """The hash of all files of a search path that could be included.

    Raises UsageError when there is no such folder.
    """
    return _folder(path, lambda name: includable(Path(name)))


def includable(path: Path) -> bool:
    """Does `headers_hash` of a folder hold a file of this name?"""
    return path.suffix in _INCLUDED


def _folder(path: Path, include: Callable[[str], bool]) -> str:
    if not path.is_dir():
        raise UsageError("no such file or folder", where=str(path))
    hashes: dict[str, str] = {}
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(set(folders) - _LEFT_OUT)
        # A link to a folder may lead anywhere, so its files are not hashed here: those that are
        # read count as files beyond the key (`inputs`). Where it leads to decides which they are.
        for link in (Path(folder, name) for name in folders):
            if link.is_symlink():
                hashes[link.relative_to(path).as_posix()] = f"link to {link.readlink()}"
        for name in sorted(names):
            file = Path(folder, name)
            if include(name) and file.is_file():
                hashes[file.relative_to(path).as_posix()] = _file(file)
    return digest(hashes)


def _option(word: str) -> str:
    for start in ("-isystem", "-I", "-L", "-T", ""):
        if word.startswith(start):
            head, separator, value = word.removeprefix(start).rpartition("=")
            path = Path(value)
            if path.is_absolute() and path.exists():
                return f"{start}{head}{separator}{path_hash(path)}"
    return word


def _file(path: Path) -> str:
    state = path.stat()
    # Tools can set the modification time back, but not the time of that change (ctime).
    times = state.st_mtime_ns, state.st_ctime_ns
    return _hashed(str(path), times, state.st_size, state.st_ino)


@lru_cache(maxsize=20_000)
def _hashed(path: str, _changed: tuple[int, int], _size: int, _inode: int) -> str:
    with Path(path).open("rb") as file:
        hasher = hashlib.sha256()
        while block := file.read(1 << 20):
            hasher.update(block)
    return hasher.hexdigest()
