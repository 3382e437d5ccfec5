"""Building a firmware: a key over everything that goes in, a cache entry, CMake and Ninja."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from pytest_mlbench import __version__, progress
from pytest_mlbench.errors import BuildFailed, CannotRun
from pytest_mlbench.parts import Firmware, Part
from pytest_mlbench.provision import tools
from pytest_mlbench.provision.cache import safe_name

from . import cmake, contents, diagnose, flags, project
from . import isa as isa_strings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_mlbench import process
    from pytest_mlbench.provision.cache import Cache
    from pytest_mlbench.provision.toolchain import Toolchain
    from pytest_mlbench.registry import Target

_SCHEMA = 1
_KIND = "firmware"
_SHARED_KIND = "libraries"


@dataclass(frozen=True)
class _Build:
    """What is the same for a firmware and for the shared parts it links."""

    toolchain: Toolchain
    isa: str
    optimize: str
    cache: Cache
    name: str

    @property
    def abi(self) -> str:
        return isa_strings.abi(self.isa)

    @property
    def common(self) -> tuple[str, ...]:
        machine = self.toolchain.compile_options(self.isa, self.abi)
        model = isa_strings.code_model(self.isa)
        return (*machine, *model, *flags.common(self.optimize))

    @property
    def cxx(self) -> tuple[str, ...]:
        return (*flags.CXX, *self.toolchain.cxx_options)

    def march(self, isa: str) -> str:
        """The option for assembly files of a part with this `march`."""
        return self.toolchain.assemble_options(isa or self.isa, self.abi)[0]

    def facts(self) -> dict[str, Any]:
        """The key's share of all this."""
        return {
            "schema": _SCHEMA,
            "mlbench": __version__,
            "toolchain": self.toolchain.identity,
            "cmake": tools.cmake().version,
            "template": contents.path_hash(project.TEMPLATE),
            "include": contents.path_hash(project.INCLUDE),
            "isa": self.isa,
            # The toolchain's own paths are in its identity: only their names matter here.
            "common": [flags.cut(word) for word in self.common],
            "cxx": [flags.cut(word) for word in self.cxx],
        }


def build(
    parts: Sequence[Part],
    *,
    target: Target,
    isa: str,
    optimize: str,
    toolchain: Toolchain,
    cache: Cache,
    defines: tuple[str, ...] = (),
    name: str,
) -> Firmware:
    """The firmware of `parts` and of the target's own, from the cache when it was built before.

    `isa` may be empty for the target's default. `defines` go to all parts but shared ones. `name`
    is for people: progress lines and log files. Raises BuildFailed with the compiler's first
    error, and the whole log's path, when it cannot be built.
    """
    isa = isa or target.isa
    common = _Build(toolchain, isa, optimize, cache, name)
    everything = (*target.parts(isa), *parts)
    machine = toolchain.link_options(isa, common.abi)
    layout = (*flags.link(optimize), *target.link_options(isa))
    key = contents.digest(
        {
            **common.facts(),
            "parts": [[contents.part(part), part.shared] for part in everything],
            "defines": list(defines),
            "machine": [flags.cut(word) for word in machine],
            "layout": contents.options(layout),
        }
    )

    def make(folder: Path) -> None:
        _make_firmware(folder, key, common, everything, (*machine, *layout), defines)

    return read(cache.entry(_KIND, key, make))


def read(folder: Path) -> Firmware:
    """The firmware in a cache entry."""
    facts = json.loads((folder / "firmware.json").read_text(encoding="utf-8"))
    return Firmware(
        elf=folder / "firmware.elf",
        sha256=facts["sha256"],
        map_file=folder / "firmware.map",
        compile_flags={part: tuple(words) for part, words in facts["compile_flags"].items()},
        compile_commands=folder / "compile_commands.json",
        component_of=facts["component_of"],
    )


def _make_firmware(
    folder: Path,
    key: str,
    common: _Build,
    parts: Sequence[Part],
    link: tuple[str, ...],
    defines: tuple[str, ...],
) -> None:
    shared = [_shared(part, parts, common) for part in parts if part.shared]
    own = [part for part in parts if not part.shared]
    outside = [replace(part, sources=(), texts={}, cmake=None) for part in parts if part.shared]
    with progress.step(f"building {common.name}"):
        made = _make(
            folder,
            key,
            common,
            [*own, *(part for part in outside if part.public)],
            defines=defines,
            link=(*link, f"-Wl,-Map={folder / 'firmware.map'}"),
            prebuilt=[archive for library in shared for archive in library.archives],
        )
    elf = folder / "firmware.elf"
    shutil.copyfile(next(row.path for row in made.artifacts if row.kind == "EXECUTABLE"), elf)
    database = made.database
    compile_flags = flags.by_part(database, {unit.output: unit.name for unit in made.units})
    components = made.components
    for library in shared:
        database += library.database
        compile_flags |= library.compile_flags
        components |= library.components
    (folder / "compile_commands.json").write_text(
        json.dumps(database, indent=1, sort_keys=True), encoding="utf-8"
    )
    facts = {
        "sha256": hashlib.sha256(elf.read_bytes()).hexdigest(),
        "compile_flags": compile_flags,
        "component_of": components,
    }
    (folder / "firmware.json").write_text(json.dumps(facts, sort_keys=True), encoding="utf-8")
    shutil.rmtree(folder / "build")


@dataclass(frozen=True)
class _Library:
    """A shared part as it lies in the cache."""

    archives: list[Path]
    database: list[dict[str, str]]
    compile_flags: dict[str, tuple[str, ...]]
    components: dict[str, str]


def _shared(part: Part, parts: Sequence[Part], common: _Build) -> _Library:
    """Build a shared part, or take it from the cache. It sees other parts' public folders."""
    others = [
        replace(other, sources=(), texts={}, cmake=None)
        for other in parts
        if other is not part and other.public and other.headers
    ]
    key = contents.digest(
        {
            **common.facts(),
            "part": contents.part(part),
            "public": [[contents.headers_hash(path) for path in other.headers] for other in others],
        }
    )

    def make(folder: Path) -> None:
        with progress.step(f"building library {part.name} -O{common.optimize}"):
            made = _make(folder, key, common, [part, *others], kind=_SHARED_KIND)
        facts: dict[str, Any] = {
            "database": made.database,
            "flags": flags.by_part(made.database, {unit.output: unit.name for unit in made.units}),
            "components": made.components,
            "archives": [],
        }
        for row in made.artifacts:
            if row.kind == "STATIC_LIBRARY" and row.path.is_file():
                facts["archives"].append(row.path.name)
                shutil.copyfile(row.path, folder / row.path.name)
        (folder / "library.json").write_text(json.dumps(facts, sort_keys=True), encoding="utf-8")
        shutil.rmtree(folder / "build")

    folder = common.cache.entry(_SHARED_KIND, key, make)
    facts = json.loads((folder / "library.json").read_text(encoding="utf-8"))
    return _Library(
        [folder / name for name in facts["archives"]],
        facts["database"],
        {name: tuple(words) for name, words in facts["flags"].items()},
        facts["components"],
    )


@dataclass(frozen=True)
class _Made:
    """A finished CMake build."""

    units: tuple[project.Unit, ...]
    artifacts: list[cmake.Artifact]
    database: list[dict[str, str]]
    components: dict[str, str]


def _make(
    folder: Path,
    key: str,
    common: _Build,
    parts: Sequence[Part],
    *,
    kind: str = _KIND,
    defines: tuple[str, ...] = (),
    link: tuple[str, ...] | None = None,
    prebuilt: Sequence[Path] = (),
) -> _Made:
    """Write the project into `folder`, configure and build it, check what was compiled how."""
    if not common.toolchain.gcc.exists():
        raise CannotRun(f"the compiler {common.toolchain.gcc} is not there any more")
    source, build_folder = folder / "src", folder / "build"
    source.mkdir()
    units = project.units(parts, source, defines=defines, march=common.march)
    _write_texts(parts, source)
    text = project.render(
        units,
        common=(*common.common, *project.prefix_map(units, build_folder)),
        cxx=common.cxx,
        link=link,
        prebuilt=prebuilt,
    )
    (source / "CMakeLists.txt").write_text(text, encoding="utf-8")
    compilers = cmake.Compilers(
        c=common.toolchain.gcc,
        cxx=common.toolchain.gxx,
        ar=common.toolchain.ar,
        ranlib=common.toolchain.tool("ranlib"),
        version=common.toolchain.version,
        environment=common.toolchain.environment,
    )
    run = cmake.CMake(tools.cmake().path, tools.ninja().path, source, build_folder, compilers)
    for done in (run.configure(), run.run()):
        if done.returncode != 0 or done.timed_out:
            raise _failed(done, common, key, source)
    final = common.cache.root / kind / safe_name(key)
    raw = (build_folder / "compile_commands.json").read_text(encoding="utf-8")
    database = flags.read_database(raw.replace(str(folder), str(final)))
    flags.check_level(database, common.optimize)
    artifacts = run.artifacts()
    return _Made(units, artifacts, database, _components(units, artifacts, build_folder))


def _write_texts(parts: Sequence[Part], source: Path) -> None:
    archives = project.numbered(part.name for part in parts)
    for part, archive in zip(parts, archives, strict=True):
        for name, text in part.texts.items():
            relative = PurePath(name)
            if relative.is_absolute() or ".." in relative.parts:
                raise BuildFailed(f"part {part.name!r}: {name!r} lies outside of the build folder")
            path = source / archive / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def _components(
    units: Sequence[project.Unit], artifacts: Sequence[cmake.Artifact], build_folder: Path
) -> dict[str, str]:
    """Archive file name -> component. A part's own CMakeLists.txt may make several archives."""
    found: dict[str, str] = {}
    for row in artifacts:
        relative = f"{row.path.relative_to(build_folder).as_posix()}"
        for unit in units:
            if row.target == unit.target or (unit.cmake and relative.startswith(unit.folder)):
                found[row.path.name] = unit.name
    return dict(sorted(found.items()))


def _failed(done: process.Finished, common: _Build, key: str, source: Path) -> BuildFailed:
    """Keep the log and the generated sources for the user, and tell the first error."""
    kept = common.cache.folder("logs") / f"{safe_name(common.name)}-{key[:12]}"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(source, kept / "src")
    log = kept / "build.log"
    output = f"{done.text}\n{done.error_text}"
    log.write_text(f"$ {done.command_line}\n{output}", encoding="utf-8")
    if done.timed_out:
        what = f"{PurePath(done.command[0]).name} did not end within its time limit"
    else:
        what = diagnose.first_error(output)
    return BuildFailed(what, where=common.name, remedy=f"The full log is {log}")


def flags_of(firmware: Firmware) -> Mapping[str, list[str]]:
    """The options of each part as a record holds them."""
    return {part: list(words) for part, words in sorted(firmware.compile_flags.items())}
