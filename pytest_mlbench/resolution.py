"""The values of all options: from the command line, the environment, the ini file, or by default.

The first that gives a value counts, in this order. What was given is plain data (`Given`), so that
pytest, scripts and commands resolve their options alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .errors import UsageError
from .options import Spilled
from .settings import COMMAND, DEFAULT, ENVIRONMENT, INI, ROWS, Settings, absolute

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .options import Option


@dataclass(frozen=True, eq=False)
class Given:
    """The raw option values from every source, as plain data.

    `command` and `ini` map an option's `dest` or `ini` name to its raw value (a str, a list of str,
    a bool). Relative paths are relative to the folders.
    """

    command: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    ini: Mapping[str, Any] = field(default_factory=dict)
    folder: Path = Path()
    ini_folder: Path = Path()


@dataclass(frozen=True)
class _Found:
    """A value, where it is from, and what of it belongs to another option."""

    value: Any
    origin: str
    others: tuple[Any, ...] = ()


def resolve(rows: Iterable[Option], given: Given) -> Settings:
    """Resolves all options. Raises UsageError for the first wrong value; it names the source."""
    rows = tuple(rows)
    found = {row.name: _find(row, given) for row in rows}
    for row in rows:
        if others := found[row.name].others:
            own = found[row.spills_into]
            found[row.spills_into] = _Found((*own.value, *others), found[row.name].origin)
    return Settings(
        **{row.attribute: found[row.name].value for row in rows if row.name in ROWS},
        extra=MappingProxyType(
            {row.name: found[row.name].value for row in rows if row.name not in ROWS}
        ),
        origins=MappingProxyType({name: each.origin for name, each in found.items()}),
    )


def _find(row: Option, given: Given) -> _Found:
    command, ini = given.command.get(row.dest), given.ini.get(row.ini)
    if row.merge and command and ini:
        first, _ = _read(row, ini, f"ini option {row.ini}", given.ini_folder)
        last, _ = _read(row, command, row.flag, given.folder)
        return _Found((*first, *last), COMMAND)
    if command is not None:
        value, others = _read(row, command, row.flag, given.folder)
        return _Found(value, COMMAND, others)
    if row.variable and (text := given.environment.get(row.variable, "")):
        value, others = _read(row, text, row.variable, given.folder)
        return _Found(value, ENVIRONMENT, others)
    if ini is not None and ini not in ("", []):
        value, others = _read(row, ini, f"ini option {row.ini}", given.ini_folder)
        return _Found(value, INI, others)
    return _Found(row.default, DEFAULT)


def _read(row: Option, raw: Any, where: str, folder: Path) -> tuple[Any, tuple[Any, ...]]:
    """The value that `raw` stands for, and what of it belongs to another option."""
    if row.kind == "flag":
        return (raw if isinstance(raw, bool) else _boolean(str(raw), where)), ()
    if not row.is_list:
        one = _one(row, str(raw).strip(), where, folder)
        return one.value, one.others
    texts = [raw] if isinstance(raw, str) else list(raw)
    if row.split:
        texts = [part for text in texts for part in str(text).split(",")]
    if row.expand is not None:
        texts = [name for text in texts for name in row.expand(str(text).strip(), folder) or [""]]
    found = [_one(row, str(text).strip(), where, folder) for text in texts]
    others = tuple(dict.fromkeys(other for one in found for other in one.others))
    if row.kind == "pairs":
        return _pairs(row, found), others
    return tuple(dict.fromkeys(one.value for one in found)), others


def _one(row: Option, text: str, where: str, folder: Path) -> Spilled:
    if not text:
        raise UsageError("an empty value", where=where, remedy=f"Expected {row.metavar}")
    if row.kind == "path":
        return Spilled(absolute(text, folder))
    value = row.read(text, where=where)
    if row.locate is not None:
        value = row.locate(value, folder)
    return value if isinstance(value, Spilled) else Spilled(value)


def _pairs(row: Option, found: Iterable[Spilled]) -> Mapping[str, Any]:
    """A table of pairs. Raises UsageError for a key with two values, or with and without others."""
    known: dict[str, tuple[Any, bool]] = {}
    for one in found:
        key, value = one.value
        before, _ = known.get(key, (value, False))
        if known.setdefault(key, (value, bool(one.others))) != (value, bool(one.others)):
            raise UsageError(
                f"{key} is given twice: {str(before)!r} and {str(value)!r}", where=row.flag
            )
    return MappingProxyType({key: known[key][0] for key in sorted(known)})


def _boolean(text: str, where: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise UsageError(f"{text!r} is neither true nor false", where=where)
