"""Builds shared components: libraries that are built once per ISA, level and content."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlbench import progress

from . import contents, flags, inputs, steady
from .make import make

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .components import Component
    from .make import Recipe

_KIND = "libraries"


@dataclass(frozen=True)
class StaticLibrary:
    """A shared component in the cache."""

    archives: list[Path]
    database: list[dict[str, str]]
    compile_flags: dict[str, tuple[str, ...]]
    components: dict[str, str]
    read: tuple[Path, ...]
    warnings: tuple[str, ...]


def build(component: Component, components: Sequence[Component], common: Recipe) -> StaticLibrary:
    """Builds a shared component, or takes it from the cache.

    It can include headers from other components' public folders.
    """
    others = [
        replace(other, sources=(), texts={}, cmake=None)
        for other in components
        if other is not component and other.public and other.headers
    ]

    def key() -> str:
        public = [[contents.headers_hash(path) for path in other.headers] for other in others]
        own = contents.component(component)
        return contents.digest({**common.facts(), "component": own, "public": public})

    def fill(folder: Path, key: str) -> dict[str, Any]:
        with progress.step(f"building library {component.name} -O{common.optimize}"):
            built = make(folder, key, common, [component, *others], kind=_KIND)
        facts: dict[str, Any] = {
            "database": built.database,
            "flags": flags.by_component(
                built.database, {unit.output: unit.name for unit in built.units}
            ),
            "components": built.components,
            "archives": [],
            "warnings": list(built.warnings),
            "read": inputs.facts(built.read, [component]),
        }
        for row in built.artifacts:
            if row.kind == "STATIC_LIBRARY" and row.path.is_file():
                facts["archives"].append(row.path.name)
                shutil.copyfile(row.path, folder / row.path.name)
        (folder / "library.json").write_text(json.dumps(facts, sort_keys=True), encoding="utf-8")
        shutil.rmtree(folder / "build")
        read: dict[str, Any] = facts["read"]
        return read

    def unchanged(folder: Path) -> bool:
        return inputs.unchanged(_facts(folder)["read"], [component])

    name = component.name
    folder = steady.entry(common.cache, _KIND, key, fill, current=unchanged, name=name)
    facts = _facts(folder)
    return StaticLibrary(
        [folder / name for name in facts["archives"]],
        facts["database"],
        {name: tuple(words) for name, words in facts["flags"].items()},
        facts["components"],
        tuple(map(Path, facts["read"].get("files", ()))),
        tuple(facts["warnings"]),
    )


def _facts(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "library.json").read_text(encoding="utf-8"))
    return found
