"""The compile options: those that every component gets, and those that a component really got.
Pure."""

from __future__ import annotations

import json
import shlex
from pathlib import PurePath
from typing import TYPE_CHECKING

from pytest_mlbench.errors import BuildFailed, unknown
from pytest_mlbench.options import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SECTIONS = ("-ffunction-sections", "-fdata-sections", "-fno-common")
"""So that the linker can leave out what is not used, and every byte has a symbol's section."""

DEBUG = ("-g",)
"""Lines and types for people and debuggers, in sections that are not loaded: no byte of code or
data depends on it."""

CXX = ("-fno-rtti", "-fno-exceptions", "-fno-threadsafe-statics")
"""C++ without a C++ runtime.

With exceptions GCC would refuse TensorFlow Lite Micro: its classes declare `operator delete` in
private sections, and placement `new` would have to call it when a constructor throws.
"""

_WITH_VALUE = {
    "-o",
    "-c",
    "-MF",
    "-MT",
    "-MQ",
    "-I",
    "-isystem",
    "-iquote",
    "-idirafter",
    "-include",
}
_DROPPED = ("-MD", "-MMD", "-MP", "-I")
_OF_THIS_MACHINE = (
    *("-ffile-prefix-map=", "-fdebug-prefix-map="),
    *("--picolibc-prefix=", "--sysroot=", "-fno-diagnostics-"),
)
"""Options that say where things lie here, or how messages look: no matter to the code."""


def common(optimize: str) -> tuple[str, ...]:
    """What every file of every component is compiled with. Raises UsageError for an unknown
    level."""
    if optimize not in LEVELS:
        raise unknown("optimisation level", optimize, LEVELS)
    # The seed stands in for chance in the names that GCC makes up for C++.
    return (f"-O{optimize}", "-DNDEBUG", *SECTIONS, *DEBUG, "-frandom-seed=mlbench")


def lto(on: bool) -> tuple[str, ...]:
    """What every file is compiled and the firmware linked with for link-time optimisation."""
    return ("-flto",) if on else ()


def link(optimize: str) -> tuple[str, ...]:
    """The options of the link that depend on neither target nor toolchain."""
    return (f"-O{optimize}", "-Wl,--gc-sections", "-Wl,--build-id=none")


def used(command: Mapping[str, str]) -> tuple[str, ...]:
    """The options of one entry of a compile database that matter to code: without files, search
    paths and debug information."""
    words = shlex.split(command["command"])[1:]
    kept: list[str] = []
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        if word in _WITH_VALUE:
            position += 1
        elif word in DEBUG:
            continue
        elif word.startswith("-") and not word.startswith((*_DROPPED, *_OF_THIS_MACHINE)):
            kept.append(cut(word))
    return tuple(kept)


def by_component(
    database: Iterable[Mapping[str, str]], component_of: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Component -> all options its files were compiled with, in order of first use.

    `component_of` maps the beginning of a compile's output file to the component's name.
    """
    found: dict[str, dict[str, None]] = {}
    for output, command in sorted((_output(row), row) for row in database):
        component = next(
            (name for start, name in component_of.items() if output.startswith(start)), None
        )
        if component is not None:
            found.setdefault(component, {}).update(dict.fromkeys(used(command)))
    return {component: tuple(options) for component, options in sorted(found.items())}


def check_level(database: Iterable[Mapping[str, str]], optimize: str) -> None:
    """Every file is compiled at this level. Raises BuildFailed naming the first that is not.

    The last `-O` of a command is the one that counts; `-Ofast` and `-Og` are levels too.
    """
    for command in database:
        levels = [word for word in used(command) if word.startswith("-O")]
        level = levels[-1] if levels else "none"
        if level != f"-O{optimize}":
            raise BuildFailed(
                f"compiled with {level} where the whole firmware is at -O{optimize}",
                where=PurePath(command["file"]).name,
                remedy="Take the level out of that component's own options or CMakeLists.txt",
            )


def read_database(text: str) -> list[dict[str, str]]:
    """The entries of a compile_commands.json."""
    return [dict(row) for row in json.loads(text)]


def _output(command: Mapping[str, str]) -> str:
    """The object file's path in the build folder, from the command: older CMakes do not give it,
    newer ones as an absolute path."""
    words = shlex.split(command["command"])
    output = words[words.index("-o") + 1]
    return output.removeprefix(command["directory"]).lstrip("/")


def cut(word: str) -> str:
    """An option without the folders of this machine: only the last part of each path stays."""
    name, separator, value = word.partition("=")
    if word.startswith("-D"):
        return word
    if word.startswith("/"):
        return PurePath(word).name
    if word.startswith("-L"):
        return f"-L{PurePath(word[2:]).name}"
    return name + separator + "=".join(PurePath(piece).name or piece for piece in value.split("="))
