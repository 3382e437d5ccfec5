"""Tracks files that a build read but that its cache key does not cover.

The key of a firmware covers its sources, the headers next to them and the folders that a component
names. A source may include other files (`#include "../common/util.h"`). Ninja records what each
compile read; files outside the key are stored with their hashes, and if one of them changes, the
firmware is built again.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlbench.errors import UsageError

from .contents import HEADERS, includable, path_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .components import Component


def parse(text: str, build: Path) -> dict[str, set[Path]]:
    """The files that `ninja -t deps` lists for each output; relative ones are below `build`."""
    found: dict[str, set[Path]] = {}
    output = ""
    for line in text.splitlines():
        if line.startswith("    "):
            found[output].add(build / line.strip())
        elif ": #deps" in line:
            output = line.rpartition(": #deps")[0]
            found[output] = set()
    return found


def beyond(
    read: Iterable[Path], components: Sequence[Component], roots: Sequence[Path] = ()
) -> list[Path]:
    """The files of `read` that neither a component nor one of the folders `roots` covers.

    By the paths that the compiler read: a link on the way may lead elsewhere another time.
    """
    sources = {path.resolve() for each in components for path in each.sources}
    beside = {path.parent for path in sources}
    trees = [*roots, *(each.cmake for each in components if each.cmake is not None)]
    covered = tuple(map(_inside, trees))
    named = tuple(_inside(path) for each in components for path in each.headers)
    found = []
    for path, real in _resolved(set(read)):
        if real in sources or f"{real}".startswith(covered):
            continue
        if real.suffix in HEADERS and real.parent in beside:
            continue
        if not (includable(real) and f"{real}".startswith(named)):
            found.append(path)
    return sorted(found)


def _inside(folder: Path) -> str:
    """How the real path of whatever is in the folder begins."""
    return f"{folder.resolve()}".rstrip("/") + "/"


def _resolved(paths: Iterable[Path]) -> Iterator[tuple[Path, Path]]:
    """Each path and its real path. Each folder is resolved once: a compile reads many of its
    files."""
    folders: dict[Path, Path] = {}
    for path in paths:
        if path.parent not in folders:
            folders[path.parent] = path.parent.resolve()
        real = folders[path.parent] / path.name
        yield path, real.resolve() if real.is_symlink() else real


def of_compiler(driver: Path) -> list[Path]:
    """The folders with the headers of a compiler, which its identity covers.

    Not all that is near it: a wrapper may be in ~/bin, and a container's project in /usr/src.
    """
    target = driver.name.removesuffix("-gcc")
    below = ("lib/gcc", "lib/gcc-cross", "lib/clang", "lib/picolibc", "lib64/gcc", "lib64/clang")
    roots = dict.fromkeys([driver.parent.parent, driver.resolve().parent.parent])
    return [root / name for root in roots for name in (*below, f"{target}/include")]


def facts(paths: Iterable[Path], components: Sequence[Component]) -> dict[str, Any]:
    """Plain data for `unchanged`; empty if no file is `beyond` the key."""
    files = {str(path): path_hash(path) for path in paths}
    return {"sources": _sources(components), "files": files} if files else {}


def touched(kept: Mapping[str, Any], since: float) -> bool:
    """Was one of the files written, replaced or removed since this time, in seconds?"""
    try:
        return any(Path(name).stat().st_ctime >= since for name in kept.get("files", ()))
    except OSError:
        return True


def unchanged(kept: Mapping[str, Any], components: Sequence[Component]) -> bool:
    """Are the files unchanged, and the sources in the same folders as before?

    Equal sources in other folders may include other files.
    """
    if not kept:
        return True
    try:
        same = all(path_hash(Path(name)) == hashed for name, hashed in kept["files"].items())
    except (OSError, UsageError):
        return False
    return same and kept["sources"] == _sources(components)


def _sources(components: Sequence[Component]) -> list[str]:
    return sorted(str(path.resolve()) for component in components for path in component.sources)
