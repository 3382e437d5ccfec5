"""One CMake build of components: write the project, configure it, build it, check the result."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from pytest_mlbench._version import __version__
from pytest_mlbench.errors import BuildFailed, Unavailable
from pytest_mlbench.isa import Isa
from pytest_mlbench.provision import tools
from pytest_mlbench.provision.cache import safe_name

from . import cmake, contents, diagnose, flags, freestanding, inputs, objects, project
from .configured import Configured

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_mlbench import process
    from pytest_mlbench.provision.cache import Cache
    from pytest_mlbench.provision.toolchain import Toolchain

    from .components import Component

_SCHEMA = 3


@dataclass(frozen=True)
class Recipe:
    """The settings that a firmware and its shared components have in common."""

    toolchain: Toolchain
    isa: str
    optimize: str
    cache: Cache
    name: str
    lto: bool = False

    @property
    def abi(self) -> str:
        return Isa.parse(self.isa).abi

    @property
    def common(self) -> tuple[str, ...]:
        machine = self.toolchain.compile_options(self.isa, self.abi)
        model = Isa.parse(self.isa).code_model
        own = () if self.toolchain.libc else ("-isystem", str(freestanding.INCLUDE))
        return (*own, *machine, *model, *flags.common(self.optimize), *flags.lto(self.lto))

    @property
    def folders(self) -> dict[Path, str]:
        """Folders with headers of compilers -> their names in debug information.

        A compiler that is reached through symbolic links reports real paths.
        """
        gcc = self.toolchain.gcc
        found = {self.cache.root: "cache", self.cache.root.resolve(): "cache"}
        tools = (gcc.parent, gcc.parent.resolve(), gcc.resolve().parent)
        return found | {folder.parent: "toolchain" for folder in tools}

    @property
    def cxx(self) -> tuple[str, ...]:
        return (*flags.CXX, *self.toolchain.cxx_options)

    def archiver(self, name: str) -> Path:
        """`ar` or `ranlib`; with link-time optimisation, GCC's wrappers that read its bytecode."""
        wrapped = self.lto and self.toolchain.family == "gcc"
        return self.toolchain.tool(f"gcc-{name}" if wrapped else name)

    def march(self, isa: str) -> str:
        """The option for assembly files of a component with this `march`."""
        return self.toolchain.assemble_options(isa or self.isa, self.abi)[0]

    def facts(self) -> dict[str, Any]:
        """Everything here that the cache key depends on."""
        return {
            "schema": _SCHEMA,
            "mlbench": __version__,
            "toolchain": self.toolchain.identity,
            "cmake": tools.cmake().version,
            "template": contents.path_hash(project.TEMPLATE),
            "include": contents.path_hash(project.INCLUDE),
            **({} if self.toolchain.libc else {"libc": contents.path_hash(freestanding.HERE)}),
            "isa": self.isa,
            # The toolchain's paths are in its identity, so only their names matter here.
            "common": [flags.cut(word) for word in self.common],
            "cxx": [flags.cut(word) for word in self.cxx],
            **({"lto": "paths mapped at the link"} if self.lto else {}),
        }


@dataclass(frozen=True)
class Made:
    """A finished CMake build."""

    units: tuple[project.Unit, ...]
    artifacts: list[cmake.Artifact]
    database: list[dict[str, str]]
    components: dict[str, str]
    read: tuple[Path, ...] = ()
    """Files that were read and that the key does not hold."""
    warnings: tuple[str, ...] = ()
    """Compiler warnings about the user's own files."""


def make(
    folder: Path,
    key: str,
    common: Recipe,
    components: Sequence[Component],
    *,
    kind: str,
    defines: tuple[str, ...] = (),
    link: tuple[str, ...] | None = None,
    prebuilt: Sequence[Path] = (),
) -> Made:
    """Writes the project into `folder`, configures and builds it, and checks the options used."""
    if not common.toolchain.gcc.exists():
        raise Unavailable(f"the compiler {common.toolchain.gcc} no longer exists")
    # As compilers and CMake write it: the cache may have a link on the way to this entry.
    folder = folder.resolve()
    source, build_folder = folder / "src", folder / "build"
    source.mkdir()
    units = project.units(components, source, defines=defines, march=common.march)
    _write_texts(components, source)
    paths = project.prefix_map(units, build_folder, common.folders)
    if link is not None and common.lto:  # compiles at the link
        link = (*link, *paths)
    text = project.render(
        units,
        common=(*common.common, *paths),
        cxx=common.cxx,
        link=link,
        prebuilt=prebuilt,
        libraries=common.toolchain.link_last,
    )
    (source / "CMakeLists.txt").write_text(text, encoding="utf-8")
    compilers = cmake.Compilers(
        c=common.toolchain.gcc,
        cxx=common.toolchain.gxx,
        ar=common.archiver("ar"),
        ranlib=common.archiver("ranlib"),
        version=common.toolchain.version,
        family=common.toolchain.family,
        environment=common.toolchain.environment,
    )
    run = cmake.CMake(tools.cmake().path, tools.ninja().path, source, build_folder, compilers)
    build_folder.mkdir()
    if link is not None:
        (build_folder / project.EMPTY).touch()
    configured = Configured(run, text, tools.cmake().version, units, common.cache)
    failed = configured.configure()
    if failed is not None and (failed.returncode != 0 or failed.timed_out):
        raise _failed(failed, common, key, source)
    kept = objects.Objects(common.cache, common.facts(), folder, run.database())
    offered = {} if common.lto else kept.offer()
    run.leave_out(offered)
    done = run.run()
    if done.returncode != 0 or done.timed_out:
        raise _failed(done, common, key, source)
    files = {**offered, **run.read()}
    said = diagnose.warnings(f"{done.text}\n{done.error_text}", _not_the_users(common, folder))
    if not common.lto and not said:
        kept.store(files, _accounted_for(common, folder))
    final = common.cache.root / kind / safe_name(key)
    database = [
        {name: text.replace(str(folder), str(final)) for name, text in row.items()}
        for row in run.database()
    ]
    flags.check_level(database, common.optimize)
    found = _components(units, configured.artifacts, build_folder)
    read = inputs.beyond(set().union(*files.values()), components, _accounted_for(common, folder))
    return Made(units, configured.artifacts, database, found, tuple(read), said)


def _accounted_for(common: Recipe, folder: Path) -> tuple[Path, ...]:
    """Folders whose files are in the key by other ways: the build, pinned files, the compiler."""
    compiler = inputs.of_compiler(common.toolchain.gcc)
    return (folder, common.cache.root, project.INCLUDE, freestanding.HERE, *compiler)


def _not_the_users(common: Recipe, folder: Path) -> tuple[PurePath, ...]:
    """Folders whose files no user wrote: this package, the cache, the build, the compiler."""
    package = PurePath(__file__).parents[1]
    return (package, common.cache.root, folder, common.toolchain.gcc.parent.parent / "lib")


def _write_texts(components: Sequence[Component], source: Path) -> None:
    archives = project.numbered(component.name for component in components)
    for component, archive in zip(components, archives, strict=True):
        for name, text in component.texts.items():
            relative = PurePath(name)
            if relative.is_absolute() or ".." in relative.parts:
                raise BuildFailed(
                    f"component {component.name!r}: {name!r} lies outside of the build folder"
                )
            path = source / archive / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def _components(
    units: Sequence[project.Unit], artifacts: Sequence[cmake.Artifact], build_folder: Path
) -> dict[str, str]:
    """Archive file name -> component. A component's own CMakeLists.txt may build several."""
    found: dict[str, str] = {}
    for row in artifacts:
        relative = f"{row.path.relative_to(build_folder).as_posix()}"
        for unit in units:
            if row.target == unit.target or (unit.cmake and relative.startswith(unit.folder)):
                found[row.path.name] = unit.name
    return dict(sorted(found.items()))


def _failed(done: process.Finished, common: Recipe, key: str, source: Path) -> BuildFailed:
    """The error with the first message of the log. Keeps log and generated sources for the user."""
    program = PurePath(done.command[0]).name
    output = f"{done.text}\n{done.error_text}"
    if done.timed_out:
        what = f"{program} did not end within its time limit"
    elif done.flooded:
        what = f"{program} printed too much and was stopped"
    else:
        what = diagnose.first_error(output)
    kept = common.cache.folder("logs") / f"{safe_name(common.name)}-{key[:12]}"
    log = kept / "build.log"
    try:
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(source, kept / "src")
        log.write_text(f"$ {done.command_line}\n{output}", encoding="utf-8")
    except OSError as error:  # shutil.Error holds a list of files instead of an error number
        reason = error.strerror or "some files could not be copied"
        remedy = f"The log could not be saved in {kept} ({reason}): free some space"
        return BuildFailed(what, where=common.name, remedy=remedy)
    return BuildFailed(what, where=common.name, remedy=f"The full log is {log}")
