"""What the user chose, resolved once: command line, then environment, then ini, then default."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .errors import UserMistake
from .options import CORE, Option

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


COMMAND, ENVIRONMENT, INI, DEFAULT = "command line", "environment", "ini", "default"


@dataclass(frozen=True, eq=False)
class Sources:
    """Where option values may stand, as plain data.

    `command` and `ini` map an option's `dest` or `ini` name to what was given there (a text, a
    list of texts, a bool); the folders are what relative paths are relative to.
    """

    command: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    ini: Mapping[str, Any] = field(default_factory=dict)
    folder: Path = Path()
    ini_folder: Path = Path()


@dataclass(frozen=True, eq=False)
class Settings:
    """All options in force. Field names are option names; `extra` holds the rows of others.

    models      registered names, or absolute paths of .tflite files
    features    sets of features in the user's order
    origins     option name -> where its value is from (`COMMAND`, ...)
    """

    models: tuple[str, ...] = ()
    backends: tuple[str, ...] = ()
    features: tuple[tuple[str, ...], ...] = ()
    optimize: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    isas: tuple[str, ...] = ()
    vlens: tuple[int, ...] = ()
    config: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    until: str = "run"
    profile: bool = False
    timeout: float = 900.0
    strict: bool = False
    columns: tuple[str, ...] = ()
    json: Path | None = None
    cache: Path | None = None
    mirror: str = ""
    offline: bool = False
    toolchain: str = ""
    spike: Path | None = None
    sources: Mapping[str, Path] = field(default_factory=lambda: MappingProxyType({}))
    extra: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    origins: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def chosen(self, name: str) -> bool:
        """Was option `name` given on the command line or in the environment?"""
        return self.origins.get(name, DEFAULT) in {COMMAND, ENVIRONMENT}


def resolve(rows: Iterable[Option], given: Sources) -> Settings:
    """The settings. Raises UserMistake for the first value that is wrong, with where it stands."""
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for row in rows:
        values[row.name], origins[row.name] = _value(row, given)
    core = {row.name for row in CORE}
    config = _unique("config", values["config"] or ())
    sources = _unique("source", values["source"] or ())
    return Settings(
        models=values["model"] or (),
        backends=values["backend"] or (),
        features=values["features"] or (),
        optimize=values["optimize"] or (),
        targets=values["target"] or (),
        isas=values["isa"] or (),
        vlens=values["vlen"] or (),
        config=MappingProxyType(config),
        until=values["until"],
        profile=bool(values["profile"]),
        timeout=values["timeout"],
        strict=bool(values["strict"]),
        columns=values["columns"] or (),
        json=values["json"],
        cache=values["cache"],
        mirror=values["mirror"] or "",
        offline=bool(values["offline"]),
        toolchain=values["toolchain"] or "",
        spike=values["spike"],
        sources=MappingProxyType({name: Path(path) for name, path in sources.items()}),
        extra=MappingProxyType({name: values[name] for name in values if name not in core}),
        origins=MappingProxyType(origins),
    )


def model_name_or_path(text: str, folder: Path) -> str:
    """`text` itself when it is a name, the absolute path when it is a file's."""
    if not is_path(text):
        return text
    return str(absolute(text, folder))


def is_path(text: str) -> bool:
    """Does `text` name a file rather than a registered model?"""
    return "/" in text or "\\" in text or text.endswith(".tflite")


def absolute(text: str | Path, folder: Path) -> Path:
    """`text` as an absolute path, `~` expanded, relative to `folder`."""
    return Path(folder, Path(text).expanduser()).absolute()


def _value(row: Option, given: Sources) -> tuple[Any, str]:
    if row.merge and given.command.get(row.dest) and (raw := given.ini.get(row.ini)):
        first = _read(row, raw, f"ini option {row.ini}", given.ini_folder)
        last = _read(row, given.command[row.dest], row.flag, given.folder)
        return (*first, *last), COMMAND
    if (raw := given.command.get(row.dest)) is not None:
        return _read(row, raw, row.flag, given.folder), COMMAND
    if row.variable and (raw := given.environment.get(row.variable, "")):
        return _read(row, raw, row.variable, given.folder), ENVIRONMENT
    if (raw := given.ini.get(row.ini)) is not None and raw not in ("", []):
        return _read(row, raw, f"ini option {row.ini}", given.ini_folder), INI
    return row.default, DEFAULT


def _read(row: Option, raw: Any, where: str, folder: Path) -> Any:
    if row.kind == "flag":
        return raw if isinstance(raw, bool) else _boolean(str(raw), where)
    if row.kind == "list":
        texts = [raw] if isinstance(raw, str) else list(raw)
        if row.split:
            texts = [part for text in texts for part in str(text).split(",")]
        found = [_one(row, str(text).strip(), where, folder) for text in texts]
        return tuple(dict.fromkeys(found))
    return _one(row, str(raw).strip(), where, folder)


def _one(row: Option, text: str, where: str, folder: Path) -> Any:
    if not text:
        raise UserMistake("an empty value", where=where, remedy=f"Expected {row.metavar}")
    if row.kind == "path":
        return absolute(text, folder)
    if row.kind == "mirror":
        return text if "://" in text else str(absolute(text, folder))
    if row.name == "model":
        return model_name_or_path(text, folder)
    if row.name == "source":
        name, path = row.read(text, where=where)
        return name, str(absolute(path, folder))
    value = row.read(text, where=where)
    if isinstance(value, tuple) and value and isinstance(value[-1], Path):
        return (*value[:-1], absolute(value[-1], folder))
    return value


def _boolean(text: str, where: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise UserMistake(f"{text!r} is neither true nor false", where=where)


def _unique(name: str, pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in pairs:
        if found.get(key, value) != value:
            raise UserMistake(
                f"{key} is given twice: {found[key]!r} and {value!r}", where=f"--mlbench-{name}"
            )
        found[key] = value
    return dict(sorted(found.items()))


LOCAL = "local"
"""How a library's version begins when it was given by path: the code under test itself."""
