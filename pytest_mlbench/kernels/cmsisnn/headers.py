"""What a checkout of CMSIS-NN or muRISCV-NN declares: read from its headers, not from its version.

Local checkouts have any version, and the interface changes without a macro that says so.
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
    """The functions that the C header `text` declares or defines -> the number of parameters."""
    plain = _LINKAGE.sub(" ", _COMMENT.sub(" ", text))
    shorter = _BODY.sub(";", plain)
    while shorter != plain:
        plain, shorter = shorter, _BODY.sub(";", shorter)
    found = {}
    for name, parameters in _PROTOTYPE.findall(plain):
        listed = parameters.strip()
        found[name] = 0 if listed in ("", "void") else listed.count(",") + 1
    return found


def aliases(text: str) -> dict[str, str]:
    """The macros of the C header `text` that stand for one other name."""
    return dict(_ALIAS.findall(_COMMENT.sub(" ", text)))


def declared(
    folder: Path, headers: tuple[str, ...], *, title: str, option: str
) -> Mapping[str, int]:
    """The functions of the checkout `folder`, its compatibility names included.

    `headers` are paths inside the checkout. Raises UsageError when one is not there: then the
    folder is not the library called `title`, which `--mlbench-source {option}=PATH` named.
    """
    for name in headers:
        if not (folder / name).is_file():
            raise UsageError(
                f"not a checkout of {title}: there is no {name}",
                where=str(folder),
                remedy=f"Give the root of one as --mlbench-source {option}=PATH",
            )
    return _read(tuple(folder / name for name in headers), _stamp(folder, headers))


def _stamp(folder: Path, headers: tuple[str, ...]) -> tuple[int, ...]:
    return tuple((folder / name).stat().st_mtime_ns for name in headers)


@lru_cache(maxsize=16)
def _read(paths: tuple[Path, ...], _stamps: tuple[int, ...]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    names: dict[str, str] = {}
    for path in paths:
        text = path.read_text("utf-8", "replace")
        found |= prototypes(text)
        names |= aliases(text)
    return found | {alias: found[name] for alias, name in names.items() if name in found}
