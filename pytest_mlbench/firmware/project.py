"""Generates the CMakeLists.txt of one build from its components. Pure."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import jinja2

from pytest_mlbench.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .components import Component

TEMPLATE = Path(__file__).with_name("cmake") / "project.cmake.j2"
EMPTY = "empty.c"
"""A file in the build folder for a firmware whose sources are all in components' archives."""

INCLUDE = Path(__file__).with_name("include")
"""The folder of mlbench_firmware.h, which every component may include."""

_COMPILED = {".c": "C", ".cc": "CXX", ".cpp": "CXX", ".cxx": "CXX", ".S": "ASM"}


@dataclass(frozen=True)
class Unit:
    """A component in the form that the template needs. Its output goes to `folder`."""

    name: str
    target: str
    archive: str
    folder: str
    cmake: str
    sources: tuple[str, ...]
    headers: tuple[str, ...]
    defines: tuple[str, ...]
    options: tuple[str, ...]
    march: str
    assembly: tuple[str, ...]

    @property
    def output(self) -> str:
        """The prefix of its object files' paths in the compile database."""
        return f"{self.folder}/" if self.cmake else f"CMakeFiles/{self.target}.dir/"


def units(
    components: Sequence[Component],
    texts: Path,
    *,
    defines: tuple[str, ...],
    march: Callable[[str], str],
) -> tuple[Unit, ...]:
    """The components' units, in order. Their texts are in `texts`/<archive>; equal names are
    numbered.

    `march` maps a component's `march`, which may be empty, to the option for its assembly files. A
    component that only has headers gets no unit.
    """
    archives = numbered(component.name for component in components)
    public: list[Path] = []
    for component, archive in zip(components, archives, strict=True):
        if component.public:
            public += component.headers
            if component.texts and not component.shared:
                public.append(texts / archive)
    return tuple(
        _unit(component, archive, texts / archive, public, defines, march(component.march))
        for component, archive in zip(components, archives, strict=True)
        if not _only_headers(component)
    )


def render(
    all_units: Sequence[Unit],
    *,
    common: Sequence[str],
    cxx: Sequence[str],
    link: tuple[str, ...] | None,
    prebuilt: Sequence[Path] = (),
    libraries: Sequence[str] = ("-lm",),
) -> str:
    """The text of CMakeLists.txt. Without `link`, it only builds the archives."""
    return _template().render(
        languages=languages(all_units),
        common=common,
        cxx=[_shell_words(group) for group in _grouped(cxx)],
        components=all_units,
        targets=[unit.target for unit in all_units],
        link=link,
        prebuilt=[str(path) for path in prebuilt],
        libraries=libraries,
        empty=EMPTY,
    )


def languages(all_units: Iterable[Unit]) -> list[str]:
    """The languages to enable: those of the sources, or all if a component has a CMakeLists.txt."""
    found = {"C"}
    for unit in all_units:
        if unit.cmake:
            found |= {"C", "CXX", "ASM"}
        found |= {_COMPILED[PurePath(source).suffix] for source in _compiled(unit.sources)}
    return sorted(found)


def prefix_map(
    all_units: Sequence[Unit], build: Path, others: Mapping[Path, str] | None = None
) -> list[str]:
    """Options that remove this machine's folders from `__FILE__` and debug information.

    `others` are further folders that files are included from. GCC uses the last match, so inner
    folders come after outer ones. It passes only -fdebug-prefix-map on to the assembler.
    """
    folders = {str(path): name for path, name in (others or {}).items()}
    inside: dict[str, str] = {}
    for unit in all_units:
        paths = [PurePath(source).parent for source in unit.sources]
        paths += [PurePath(header) for header in unit.headers]
        if unit.cmake:
            paths.append(PurePath(unit.cmake))
        for path in paths:
            inside.setdefault(str(path), unit.archive)
    folders |= inside
    folders[str(INCLUDE)] = "mlbench"
    folders[str(build)] = "build"
    return [
        f"-f{what}-prefix-map={path}={name}"
        for what in ("file", "debug")
        for path, name in sorted(folders.items())
    ]


def quoted(words: Iterable[str]) -> str:
    """The words as CMake bracket arguments, which CMake does not interpret.

    Raises UsageError for text that CMake would interpret even there.
    """
    return " ".join(_quote(word) for word in words)


def paired(options: Iterable[str]) -> str:
    """Options quoted so that CMake keeps `-isystem FOLDER` together and keeps repeated options."""
    return quoted(f"SHELL:{_shell_words(group)}" for group in _grouped(options))


def _grouped(options: Iterable[str]) -> list[list[str]]:
    groups: list[list[str]] = []
    for word in options:
        if word.startswith("-") or not groups:
            groups.append([word])
        else:
            groups[-1].append(word)
    return groups


def _shell_words(words: Iterable[str]) -> str:
    return " ".join(shlex.quote(word) for word in words)


def _quote(word: str) -> str:
    for mark, description in (
        (";", "a semicolon"),
        ("$<", "'$<'"),
        ("\n", "a line end"),
        ("]==]", "]==]"),
    ):
        if mark in word:
            raise UsageError(f"{word!r} holds {description}, which CMake cannot pass on")
    return f"[==[{word}]==]"


def _unit(
    component: Component,
    archive: str,
    texts: Path,
    public: Sequence[Path],
    defines: tuple[str, ...],
    march: str,
) -> Unit:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*", component.name):
        raise UsageError(
            f"the component's name {component.name!r} cannot be a library's name",
            remedy="Use only letters, digits and _ . + -",
        )
    if component.cmake is not None and not component.cmake_target:
        raise UsageError(f"component {component.name!r} has a cmake folder but names no target")
    written = [str(texts / name) for name in sorted(component.texts)]
    sources = [*written, *(str(path) for path in component.sources)]
    if component.cmake is None:
        sources = _compiled(sources)
    own_headers = [texts] if component.texts else []
    headers = dict.fromkeys([*own_headers, *component.headers, *public, INCLUDE])
    return Unit(
        name=component.name,
        target=component.cmake_target or f"component_{archive}",
        archive=archive,
        folder=f"components/{archive}",
        cmake=str(component.cmake or ""),
        sources=tuple(sources),
        headers=tuple(str(path) for path in headers),
        defines=(*component.defines, *defines),
        options=component.options,
        march=march,
        assembly=tuple(source for source in sources if source.endswith(".S")),
    )


def _only_headers(component: Component) -> bool:
    names = [*component.texts, *(path.name for path in component.sources)]
    if component.cmake is not None or _compiled(names):
        return False
    if not component.public:
        raise UsageError(f"component {component.name!r} has nothing to compile")
    return True


def _compiled(sources: Iterable[str]) -> list[str]:
    return [source for source in sources if PurePath(source).suffix in _COMPILED]


def numbered(names: Iterable[str]) -> list[str]:
    """The names, with a number added to repeated ones: kernels, kernels-2."""
    counts: dict[str, int] = {}
    result = []
    for name in names:
        counts[name] = counts.get(name, 0) + 1
        result.append(name if counts[name] == 1 else f"{name}-{counts[name]}")
    return result


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 this is CMake, not HTML; `quoted` does the quoting
    )
    environment.filters |= {"quoted": quoted, "paired": paired}
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
