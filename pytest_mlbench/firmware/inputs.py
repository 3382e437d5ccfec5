"""Files that a build read and its key does not hold, so that a change to one is not missed.

The key of a firmware holds its sources, the headers beside them and the folders that a component
names. A source may include more than that (`#include "../common/util.h"`). Ninja knows what each
compile read: the rest is kept with its hashes, and a firmware whose rest has changed is built anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlbench.errors import UsageError

from .contents import HEADERS, path_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .components import Component


def parse(text: str, build: Path) -> set[Path]:
    """The files named by `ninja -t deps`, whose relative names are below `build`."""
    return {build / line.strip() for line in text.splitlines() if line.startswith("    ")}


def beyond(
    read: Iterable[Path], components: Sequence[Component], roots: Iterable[Path]
) -> list[Path]:
    """Which of the files that were `read` neither a component nor one of `roots` accounts for."""
    sources = {path.resolve() for component in components for path in component.sources}
    beside = {path.parent for path in sources}
    folders = [Path(root).resolve() for root in roots]
    for component in components:
        folders += [path.resolve() for path in component.headers]
        if component.cmake is not None:
            folders.append(component.cmake.resolve())
    found = {path.resolve() for path in read} - sources
    return sorted(
        path
        for path in found
        if not (path.suffix in HEADERS and path.parent in beside)
        and not any(path.is_relative_to(folder) for folder in folders)
    )


def facts(paths: Iterable[Path], components: Sequence[Component]) -> dict[str, Any]:
    """What `unchanged` compares, as plain data: nothing where no file is `beyond` the key."""
    files = {str(path): path_hash(path) for path in paths}
    return {"sources": _sources(components), "files": files} if files else {}


def unchanged(kept: Mapping[str, Any], components: Sequence[Component]) -> bool:
    """Are the same files still there? Other places of equal sources may have other neighbours."""
    if not kept:
        return True
    try:
        same = all(path_hash(Path(name)) == hashed for name, hashed in kept["files"].items())
    except (OSError, UsageError):
        return False
    return same and kept["sources"] == _sources(components)


def _sources(components: Sequence[Component]) -> list[str]:
    return sorted(str(path.resolve()) for component in components for path in component.sources)
