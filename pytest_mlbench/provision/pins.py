"""The pins: everything that may be fetched, by checksum or full commit. Read from `pins.toml`."""

from __future__ import annotations

import functools
import re
import sys
from importlib import resources
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_mlbench.errors import UsageError, unknown

from .pinned import Artifact, Bundle, GitPin, Package, Pins, Wheel

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Mapping

SETS = ("2026",)
"""The sets of sources beside the default one; `pins_<name>.toml`."""

ROLES = ("toolchain", "cxx", "library", "clang")


@functools.cache
def pins() -> Pins:
    """The project's own pins."""
    file = resources.files(__package__ or "").joinpath("pins.toml")
    return parse(file.read_text(encoding="utf-8"), where="pins.toml")


@functools.cache
def newer(name: str) -> Mapping[str, GitPin]:
    """The sources of another set of pins (`--mlbench-pins`); empty for the default set."""
    path = Path(__file__).with_name(f"pins_{name}.toml")
    return parse(path.read_text("utf-8"), where=path.name).sources if path.is_file() else {}


def with_commit(name: str, commit: str) -> GitPin | None:
    """The pin of source `name` at `commit`, in whichever set it is; None if no set has it."""
    sets = (pins().sources, *(newer(other) for other in SETS))
    found = (known[name] for known in sets if name in known)
    return next((pin for pin in found if pin.commit == commit), None)


def parse(text: str, *, where: str = "pins") -> Pins:
    """The pins written in `text`. Raises UsageError for an entry without a hash or commit."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"not TOML: {error}", where=where) from error
    _known(data, {"artifacts", "debian", "git", "wheels", "bundles"}, where)
    artifacts: dict[str, Artifact] = {}
    for group, row in _tables(data.get("artifacts", {}), where):
        at = f"{where}: artifacts.{group}"
        _known(row, {"base", "licence", "files"}, at)
        base, licence = _text(row, "base", at), _text(row, "licence", at)
        for name, pin in _tables(row.get("files", {}), at):
            if name in artifacts:
                raise UsageError(f"{name!r} is pinned twice", where=at)
            artifacts[name] = _file(name, pin, f"{at}: {name}", base + name, licence)
    packages = dict(
        _package(name, row, where) for name, row in _tables(data.get("debian", {}), where)
    )
    sources = {
        name: _git(name, row, f"{where}: git.{name}")
        for name, row in _tables(data.get("git", {}), where)
    }
    wheels = {
        name: _wheel(name, row, f"{where}: wheels.{name}")
        for name, row in _tables(data.get("wheels", {}), where)
    }
    bundles = {
        name: _bundle(name, row, f"{where}: bundles.{name}")
        for name, row in _tables(data.get("bundles", {}), where)
    }
    return Pins(
        _frozen(artifacts), _frozen(packages), _frozen(sources), _frozen(wheels), _frozen(bundles)
    )


Pin = TypeVar("Pin")


def _frozen(rows: Mapping[str, Pin]) -> Mapping[str, Pin]:
    return MappingProxyType(dict(sorted(rows.items())))


def _package(name: str, row: Mapping[str, Any], where: str) -> tuple[str, Package]:
    at = f"{where}: debian.{name}"
    _known(row, {"version", "role", "licence", "files"}, at)
    version, role = _text(row, "version", at), _text(row, "role", at)
    if role not in ROLES:
        raise unknown("role", role, ROLES, where=at)
    licence = _text(row, "licence", at)
    files = {
        architecture: _file(deb_name(name, version, architecture), pin, at, "", licence)
        for architecture, pin in _tables(row.get("files", {}), at)
    }
    if not files:
        raise UsageError("has no files", where=at)
    return name, Package(name, version, role, licence, MappingProxyType(files))


def deb_name(package: str, version: str, architecture: str) -> str:
    """The file name that apt gives a package; the colon in its version is escaped."""
    return f"{package}_{version.replace(':', '%3a')}_{architecture}.deb"


def _git(name: str, row: Mapping[str, Any], at: str) -> GitPin:
    _known(row, {"repository", "commit", "licence", "why", "tag", "verified", "archive"}, at)
    commit = _text(row, "commit", at)
    if not re.fullmatch(r"[0-9a-f]{40}", commit):
        raise UsageError(f"commit {commit!r} is not a full commit (40 hex digits)", where=at)
    licence = _text(row, "licence", at)
    archive = None
    if "archive" in row:
        (_, pin), *_ = _tables({"archive": row["archive"]}, at)
        _known(pin, {"url", "sha256", "bytes"}, f"{at}: archive")
        url = _text(pin, "url", f"{at}: archive")
        rest = {key: value for key, value in pin.items() if key != "url"}
        archive = _file(PurePosixPath(url).name, rest, f"{at}: archive", url, licence)
    return GitPin(
        name=name,
        repository=_text(row, "repository", at).removesuffix(".git"),
        commit=commit,
        licence=licence,
        why=_text(row, "why", at),
        tag=str(row.get("tag", "")),
        verified=bool(row.get("verified", True)),
        archive=archive,
    )


def _wheel(name: str, row: Mapping[str, Any], at: str) -> Wheel:
    _known(row, {"version", "licence", "python", "platforms", "file", "member", "program"}, at)
    licence, member = _text(row, "licence", at), _text(row, "member", at)
    (_, file), (_, program) = _tables({key: row.get(key) for key in ("file", "program")}, at)
    return Wheel(
        name=name,
        version=_text(row, "version", at),
        file=_named(file, f"{at}: file", licence),
        python=_text(row, "python", at),
        platforms=tuple(str(tag) for tag in row.get("platforms", ())),
        member=member,
        program=_file(member, program, f"{at}: program", "", licence),
    )


def _bundle(name: str, row: Mapping[str, Any], at: str) -> Bundle:
    _known(row, {"version", "licence", "files"}, at)
    version, licence = _text(row, "version", at), _text(row, "licence", at)
    files = {
        machine: _named(pin, f"{at}: {machine}", licence)
        for machine, pin in _tables(row.get("files", {}), at)
    }
    if not files:
        raise UsageError("has no files", where=at)
    return Bundle(name, version, MappingProxyType(files))


def _named(pin: Mapping[str, Any], at: str, licence: str) -> Artifact:
    """A file whose table contains its name."""
    _known(pin, {"name", "bytes", "sha256"}, at)
    rest = {key: value for key, value in pin.items() if key != "name"}
    return _file(_text(pin, "name", at), rest, at, "", licence)


def _file(name: str, pin: Mapping[str, Any], at: str, url: str, licence: str) -> Artifact:
    _known(pin, {"sha256", "bytes"}, at)
    sha256 = _text(pin, "sha256", at)
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise UsageError(f"sha256 {sha256!r} does not have 64 hex digits", where=at)
    size = pin.get("bytes")
    if not isinstance(size, int) or size <= 0:
        raise UsageError("has no size in 'bytes'", where=at)
    return Artifact(name=name, sha256=sha256, size=size, url=url, licence=licence)


def _tables(rows: Any, where: str) -> list[tuple[str, Mapping[str, Any]]]:
    if not isinstance(rows, dict) or not all(isinstance(row, dict) for row in rows.values()):
        raise UsageError("expected a table", where=where)
    return list(rows.items())


def _text(row: Mapping[str, Any], key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value:
        raise UsageError(f"has no {key!r}", where=where)
    return value


def _known(row: Mapping[str, Any], keys: set[str], where: str) -> None:
    for key in row:
        if key not in keys:
            raise unknown("key", key, keys, where=where)
