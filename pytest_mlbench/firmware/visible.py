"""Which of this package's defines a source can see: another define does not change its object file.

Features and kernels are told to all files of a firmware by defines. Most files ask for few of them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_OWN = re.compile(r"-D(MLBENCH_\w+)(?:=.*)?", re.DOTALL)
"""Defines that no header of a compiler or of a C library asks for."""

_INCLUDE = re.compile(r"^[ \t]*#[ \t]*include\b[ \t]*(.*)$", re.MULTILINE)
_NAMED = re.compile(r"[\"<]([^\">]+)[\">]")
_TELLING = re.compile(r"-include.*|-imacros.*|@.*|-g\w*3")
"""Options that include further files, or that write all defines into the debug information."""

_JOINED = re.compile(r"MLBENCH_\w*\s*##|##\s*MLBENCH_")


def words(command: Sequence[str], source: Path, searched: Sequence[Path]) -> list[str]:
    """`command` without the defines that `source` cannot see, whose object file is the same
    without them; `searched` are the folders in which the compiler finds included files.

    Nothing is left out if the files that are included are not all known, or if they join names.
    """
    seen = None if any(map(_TELLING.fullmatch, command)) else _names(source, searched)
    if seen is None:
        return list(command)
    return [word for word in command if not (match := _OWN.fullmatch(word)) or match[1] in seen]


def _names(source: Path, searched: Sequence[Path]) -> frozenset[str] | None:
    """The names in `source` and in whatever it may include; None if that cannot be told."""
    found: set[str] = set()
    known: set[Path] = set()
    waiting = [source]
    while waiting:
        path = waiting.pop()
        if path in known:
            continue
        known.add(path)
        try:
            stat = path.stat()
        except OSError:
            return None
        read = _read(path, stat.st_mtime_ns, stat.st_size)
        if read is None:
            return None
        names, included = read
        found |= names
        for name in included:
            waiting += _candidates(name, (path.parent, *searched))
    return frozenset(found)


def _candidates(name: str, folders: Sequence[Path]) -> Iterator[Path]:
    """Every file that `name` can mean; none for a file of the compiler."""
    return (folder / name for folder in folders if (folder / name).is_file())


@lru_cache(maxsize=4096)
def _read(path: Path, _changed: int, _size: int) -> tuple[frozenset[str], tuple[str, ...]] | None:
    """The names and the included files of one file; None if it computes either of them."""
    try:
        text = path.read_text("utf-8").replace("\\\n", "")
    except (OSError, UnicodeDecodeError):
        return None
    included = []
    for line in _INCLUDE.findall(text):
        match = _NAMED.match(line)
        if match is None:
            return None
        included.append(match[1])
    if _JOINED.search(text):
        return None
    return frozenset(re.findall(r"\bMLBENCH_\w+", text)), tuple(included)
