"""Finds the RTL files of a core in the package that contains them, and checks them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mlbench.errors import FetchRefused

from .core import FILES, read_file_list

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from .core import Core, FileList

_HEADERS = {".svh", ".vh", ".sv", ".v"}


@dataclass(frozen=True)
class Rtl:
    """The files of a core below `root`: sources in reading order, include folders, and a digest of
    all of them."""

    root: Path
    files: FileList
    digest: str

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments for Verilator."""
        folders = [f"+incdir+{self.root / folder}" for folder in self.files.include]
        return (*folders, *(str(self.root / name) for name in self.files.sources))


def find(core: Core, package: Path) -> Rtl:
    """The RTL of `core` in `package`, the unpacked wheel or the core's own folder.

    Raises FetchRefused if a file is missing or if it is not the pinned RTL.
    """
    root = package / core.root
    files = read_file_list((core.folder / FILES).read_text(encoding="utf-8"))
    missing = [str(name) for name in files.sources if not (root / name).is_file()]
    remedy = "Install the pinned RTL: pip install --force-reinstall 'pytest-mlbench[cores]'"
    if missing:
        if core.rtl:
            remedy = f"Correct {core.folder / FILES}: names are relative to {root}"
        raise FetchRefused(f"it lacks {missing[0]}", where=core.package, remedy=remedy)
    actual = digest(root, files)
    if actual != core.rtl_sha256:
        if core.rtl:
            remedy = f'If this RTL is meant, write rtl_sha256="{actual}" in the core {core.name}'
        expected = core.rtl_sha256 or "none"
        raise FetchRefused(
            f"its RTL is not the pinned one: expected sha256 {expected}, found {actual}",
            where=core.package,
            remedy=remedy,
        )
    return Rtl(root, files, actual)


def digest(root: Path, files: FileList) -> str:
    """The sha256 over the names and contents of all listed files and of the include folders."""
    hasher = hashlib.sha256()
    for name in sorted(_all(root, files)):
        content = hashlib.sha256((root / name).read_bytes()).hexdigest()
        hasher.update(f"{name} {content}\n".encode())
    return hasher.hexdigest()


def _all(root: Path, files: FileList) -> Iterable[str]:
    names = {str(name) for name in files.sources}
    for folder in files.include:
        for path in (root / folder).glob("*"):
            if path.suffix in _HEADERS:
                names.add(f"{folder}/{path.name}")
    return names
