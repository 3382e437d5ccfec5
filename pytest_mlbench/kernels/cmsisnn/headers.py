"""Reads from the headers which functions a checkout of CMSIS-NN or muRISCV-NN declares.

A local checkout may have any version, and no macro tells which interface it has.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from pytest_mlbench.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_PROTOTYPE = re.compile(r"\b([A-Za-z_]\w*)\s*\(([^(){};]*)\)\s*;")
_LINKAGE = re.compile(r'extern\s+"C"\s*\{')
_BODY = re.compile(r"\{[^{}]*\}")
_ALIAS = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+(\w+)[ \t]*$", re.MULTILINE)


def prototypes(text: str) -> dict[str, int]:
    """Function that the C header `text` declares or defines -> number of its parameters."""
    plain = _LINKAGE.sub(" ", _COMMENT.sub(" ", text))
    shorter = _BODY.sub(";", plain)
    while shorter != plain:
        plain, shorter = shorter, _BODY.sub(";", shorter)
    functions = {}
    for name, parameters in _PROTOTYPE.findall(plain):
        listed = parameters.strip()
        functions[name] = 0 if listed in ("", "void") else listed.count(",") + 1
    return functions


def aliases(text: str) -> dict[str, str]:
    """The macros in the C header `text` that expand to a single other name."""
    return dict(_ALIAS.findall(_COMMENT.sub(" ", text)))


def declared(
    folder: Path, headers: tuple[str, ...], *, title: str, option: str
) -> Mapping[str, int]:
    """The functions of the checkout `folder`, including its compatibility names.

    `headers` are paths inside the checkout. If one is missing, the folder that
    `--mlbench-source {option}=PATH` names is not the library `title`: raises UsageError.
    """
    for name in headers:
        if not (folder / name).is_file():
            raise UsageError(
                f"not a checkout of {title}: there is no {name}",
                where=str(folder),
                remedy=f"Give the root of a checkout: --mlbench-source {option}=PATH",
            )
    return _read(tuple(folder / name for name in headers), _stamp(folder, headers))


def _stamp(folder: Path, headers: tuple[str, ...]) -> tuple[int, ...]:
    return tuple((folder / name).stat().st_mtime_ns for name in headers)


@lru_cache(maxsize=16)
def _read(paths: tuple[Path, ...], _stamps: tuple[int, ...]) -> Mapping[str, int]:
    functions: dict[str, int] = {}
    names: dict[str, str] = {}
    for path in paths:
        text = path.read_text("utf-8", "replace")
        functions |= prototypes(text)
        names |= aliases(text)
    return functions | {
        alias: functions[name] for alias, name in names.items() if name in functions
    }
