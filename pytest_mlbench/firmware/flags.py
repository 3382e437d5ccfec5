"""Compile options: those that every component gets, and those that a component was built with.

Pure.
"""

from __future__ import annotations

import re
import shlex
from pathlib import PurePath
from typing import TYPE_CHECKING

from pytest_mlbench.errors import BuildFailed, unknown
from pytest_mlbench.options import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SECTIONS = ("-ffunction-sections", "-fdata-sections", "-fno-common")
"""Separate sections let the linker drop unused functions and data."""

DEBUG = ("-g",)
"""Lines and types for people and debuggers, in sections that are not loaded: no byte of code or
data depends on it."""

CXX = ("-fno-rtti", "-fno-exceptions", "-fno-threadsafe-statics")
"""C++ without a C++ runtime.

With exceptions, GCC rejects TensorFlow Lite Micro: its classes declare `operator delete` private,
and placement `new` must call it if a constructor throws.
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
"""Options for local paths and the look of messages, which do not affect the code."""

_QUOTING = re.compile(r"[^\w ./=,:+@%-]", re.ASCII)
"""Anything else than plain words with blanks between them."""


def common(optimize: str) -> tuple[str, ...]:
    """The options for every file of every component. Raises UsageError for an unknown level."""
    if optimize not in LEVELS:
        raise unknown("optimisation level", optimize, LEVELS)
    # The fixed seed makes the names that GCC generates for C++ reproducible.
    return (f"-O{optimize}", "-DNDEBUG", *SECTIONS, *DEBUG, "-frandom-seed=mlbench")


def lto(on: bool) -> tuple[str, ...]:
    """The options for link-time optimisation, for both compiling and linking."""
    return ("-flto",) if on else ()


def link(optimize: str) -> tuple[str, ...]:
    """The link options that depend on neither target nor toolchain."""
    return (f"-O{optimize}", "-Wl,--gc-sections", "-Wl,--build-id=none")


def used(command: Mapping[str, str]) -> tuple[str, ...]:
    """The options in one entry of a compile database that affect code.

    Files, search paths and options for debug information are left out.
    """
    words = words_of(command)[1:]
    options: list[str] = []
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        if word in _WITH_VALUE:
            position += 1
        elif word in DEBUG:
            continue
        elif word.startswith("-") and not word.startswith((*_DROPPED, *_OF_THIS_MACHINE)):
            options.append(cut(word))
    return tuple(options)


def by_component(
    database: Iterable[Mapping[str, str]], component_of: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Component -> all options that its files were compiled with, in order of first use.

    `component_of` maps the prefix of an object file's path to the component's name.
    """
    found: dict[str, dict[str, None]] = {}
    for path, command in sorted((output(row), row) for row in database):
        component = next(
            (name for start, name in component_of.items() if path.startswith(start)), None
        )
        if component is not None:
            found.setdefault(component, {}).update(dict.fromkeys(used(command)))
    return {component: tuple(options) for component, options in sorted(found.items())}


def check_level(database: Iterable[Mapping[str, str]], optimize: str) -> None:
    """Raises BuildFailed for the first file that is not compiled at this level.

    The last `-O` of a command counts; `-Ofast` and `-Og` are levels too.
    """
    for command in database:
        levels = [word for word in used(command) if word.startswith("-O")]
        level = levels[-1] if levels else "none"
        if level != f"-O{optimize}":
            raise BuildFailed(
                f"compiled with {level}, but the whole firmware is at -O{optimize}",
                where=PurePath(command["file"]).name,
                remedy="Remove the level from that component's options or CMakeLists.txt",
            )


def output(command: Mapping[str, str]) -> str:
    """The object file's path in the build folder, taken from the command line.

    Older CMakes do not give it separately; newer ones give it as an absolute path.
    """
    words = words_of(command)
    output = words[words.index("-o") + 1]
    return output.removeprefix(command["directory"]).lstrip("/")


def words_of(command: Mapping[str, str]) -> list[str]:
    """The command line of one entry, split as a shell would."""
    text = command["command"]
    if not _QUOTING.search(text):  # shlex is slow, and asked for every file of every firmware
        return text.split()
    return shlex.split(text)


def cut(word: str) -> str:
    """An option without this machine's folders: only the last part of each path is kept."""
    name, separator, value = word.partition("=")
    if word.startswith("-D"):
        return word
    if word.startswith("/"):
        return PurePath(word).name
    if word.startswith("-L"):
        return f"-L{PurePath(word[2:]).name}"
    return name + separator + "=".join(PurePath(piece).name or piece for piece in value.split("="))
