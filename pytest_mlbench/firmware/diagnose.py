"""Finds errors and warnings of a compiler, linker or CMake in a log. Pure."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_COMPILE = re.compile(
    r"^(?P<where>[^\s:][^:\n]*):(?P<line>\d+)(?::\d+)?: (?P<what>(?:fatal )?error: .+|Error: .+)$",
    re.MULTILINE,
)
_WARNING = re.compile(
    r"^(?P<where>[^\s:][^:\n]*):(?P<line>\d+)(?::\d+)?: warning: (?P<what>.+)$", re.MULTILINE
)
_REFERENCE = (
    r"(?:[^\n:]*/)?(?P<where>[^\s:/]+):(?P<line>\d+): (?P<what>undefined reference to [^\n]+)"
)
_LLD = r"[^\n]*(?P<what>undefined symbol: \S+)\n>>> referenced by (?P<where>[^\s:]+):(?P<line>\d+)"
_WITH_PLACE = (re.compile(f"^{_REFERENCE}$", re.MULTILINE), re.compile(f"^{_LLD}", re.MULTILINE))
_LINK = (
    re.compile(r"^.*(?P<what>undefined reference to [^\n]+)$", re.MULTILINE),
    re.compile(r"^.*?(?P<what>region [`'\"]?\w+[`'\"]? overflowed [^\n]+)$", re.MULTILINE),
    re.compile(r"^.*?(?P<what>section `?[^\n]+ will not fit in region [^\n]+)$", re.MULTILINE),
    re.compile(r"^.*?(?P<what>multiple definition of [^\n]+)$", re.MULTILINE),
    re.compile(r"^.*?(?P<what>can(?:'|no)t (?:find|link|open) [^\n]+)$", re.MULTILINE),
    re.compile(r"^[^\n]*\bld(?:\.bfd)?: (?P<what>(?!warning:)[^\n]+)$", re.MULTILINE),
)
_OTHER = (
    re.compile(
        r"^(?P<what>[\w./-]*(?:cc1|cc1plus|as|gcc|g\+\+|collect2)[\w.-]*: .*error.*)$", re.MULTILINE
    ),
    re.compile(r"^CMake Error[^\n]*:\n(?P<what>(?:(?: +[^\n]*)?\n)+)", re.MULTILINE),
    re.compile(r"^CMake Error: (?P<what>[^\n]+)$", re.MULTILINE),
    # Ninja prints the command that failed, then the command's output.
    re.compile(r"^FAILED: [^\n]*\n[^\n]*\n(?P<what>(?!ninja: |\[)[^\n]+)$", re.MULTILINE),
    re.compile(
        r"^(?P<what>[^\n]*(?:error|Error|not found|Permission denied)[^\n]*)$", re.MULTILINE
    ),
)


def first_error(log: str) -> str:
    """The first error, as `file.c:12: error: ...`; the last line if no error is recognised."""
    for pattern in (_COMPILE, *_WITH_PLACE):
        match = pattern.search(log)
        if match is not None:
            name = match["where"].rsplit("/", 1)[-1]
            return f"{name}:{match['line']}: {match['what']}"
    for pattern in (*_LINK, *_OTHER):
        match = pattern.search(log)
        if match is not None:
            return " ".join(match["what"].split())[:300].rstrip(" .")
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return lines[-1] if lines else "no message at all"


def warnings(log: str, not_in: Iterable[PurePath]) -> tuple[str, ...]:
    """Each warning once, as `file.c:12: what`, sorted by file and line: the log's order is random.

    Files in the folders `not_in` are skipped: the user cannot fix them.
    """
    folders = tuple(not_in)
    found = {
        (PurePath(match["where"]).name, int(match["line"]), match["what"].strip())
        for match in _WARNING.finditer(log)
        if not any(PurePath(match["where"]).is_relative_to(folder) for folder in folders)
    }
    return tuple(f"{name}:{line}: {what}" for name, line, what in sorted(found))
