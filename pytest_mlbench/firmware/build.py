"""Builds a firmware: a cache key over all inputs, a cache entry, CMake and Ninja."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlbench import progress

from . import contents, flags, freestanding, inputs, shared, steady
from .components import Component, Firmware
from .make import Recipe, make

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_mlbench.provision.cache import Cache
    from pytest_mlbench.provision.toolchain import Toolchain

    from .target import Target

_KIND = "firmware"


def build(
    components: Sequence[Component],
    *,
    target: Target,
    isa: str,
    optimize: str,
    toolchain: Toolchain,
    cache: Cache,
    defines: tuple[str, ...] = (),
    name: str,
    lto: bool = False,
) -> Firmware:
    """Builds `components` and the target's own into a firmware, or takes it from the cache.

    An empty `isa` means the target's default. `defines` apply to all components except shared ones.
    `name` appears in progress lines and names log files. `lto` turns on link-time optimisation
    over all components. Raises BuildFailed with the compiler's first error and the log's path.
    """
    isa = isa or target.isa
    common = Recipe(toolchain, isa, optimize, cache, name, lto)
    libc_component = () if toolchain.libc else (freestanding.component(isa),)
    everything = (*target.components(isa), *components, *libc_component)
    machine = toolchain.link_options(isa, common.abi)
    layout = (*flags.link(optimize), *flags.lto(lto), *target.link_options(isa))

    def key() -> str:
        return contents.digest(
            {
                **common.facts(),
                "components": [
                    [contents.component(component), component.shared] for component in everything
                ],
                "defines": list(defines),
                "machine": [flags.cut(word) for word in machine],
                "layout": contents.options(layout),
            }
        )

    def fill(folder: Path, key: str) -> dict[str, Any]:
        return _make_firmware(folder, key, common, everything, (*machine, *layout), defines)

    def unchanged(folder: Path) -> bool:
        return inputs.unchanged(_facts(folder)["read"], everything)

    return read(steady.entry(cache, _KIND, key, fill, current=unchanged, name=name))


def read(folder: Path) -> Firmware:
    """The firmware in a cache entry."""
    facts = _facts(folder)
    return Firmware(
        elf=folder / "firmware.elf",
        sha256=facts["sha256"],
        map_file=folder / "firmware.map",
        compile_flags={
            component: tuple(words) for component, words in facts["compile_flags"].items()
        },
        compile_commands=folder / "compile_commands.json",
        component_of=facts["component_of"],
        warnings=tuple(facts["warnings"]),
    )


def _facts(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "firmware.json").read_text(encoding="utf-8"))
    return found


def _make_firmware(
    folder: Path,
    key: str,
    common: Recipe,
    components: Sequence[Component],
    link: tuple[str, ...],
    defines: tuple[str, ...],
) -> dict[str, Any]:
    """Builds the firmware into `folder`. Returns the facts of files that are not in the key."""
    libraries = [
        shared.build(component, components, common) for component in components if component.shared
    ]
    unshared = [component for component in components if not component.shared]
    header_only = [
        replace(component, sources=(), texts={}, cmake=None)
        for component in components
        if component.shared
    ]
    with progress.step(f"building {common.name}"):
        built = make(
            folder,
            key,
            common,
            [*unshared, *(component for component in header_only if component.public)],
            kind=_KIND,
            defines=defines,
            link=(*link, f"-Wl,-Map={folder / 'firmware.map'}"),
            prebuilt=[archive for library in libraries for archive in library.archives],
        )
    elf = folder / "firmware.elf"
    shutil.copyfile(next(row.path for row in built.artifacts if row.kind == "EXECUTABLE"), elf)
    database = built.database
    compile_flags = flags.by_component(database, {unit.output: unit.name for unit in built.units})
    component_of = built.components
    for library in libraries:
        database += library.database
        compile_flags |= library.compile_flags
        component_of |= library.components
    read_files = [*built.read, *(path for library in libraries for path in library.read)]
    warnings = [*built.warnings, *(each for library in libraries for each in library.warnings)]
    (folder / "compile_commands.json").write_text(
        json.dumps(database, indent=1, sort_keys=True), encoding="utf-8"
    )
    facts: dict[str, Any] = {
        "sha256": hashlib.sha256(elf.read_bytes()).hexdigest(),
        "compile_flags": compile_flags,
        "component_of": component_of,
        "warnings": list(dict.fromkeys(warnings)),  # each is sorted, and components are in order
        "read": inputs.facts(read_files, components),
    }
    (folder / "firmware.json").write_text(json.dumps(facts, sort_keys=True), encoding="utf-8")
    shutil.rmtree(folder / "build")
    found: dict[str, Any] = facts["read"]
    return found
