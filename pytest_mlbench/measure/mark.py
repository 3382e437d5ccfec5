"""`@pytest.mark.mlbench(...)`: what a test says of its own cases. Unknown words are refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_mlbench.errors import UserMistake, unknown
from pytest_mlbench.options import CORE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LISTS = {
    "models": "model",
    "backends": "backend",
    "features": "features",
    "optimize": "optimize",
    "targets": "target",
    "isas": "isa",
    "vlens": "vlen",
}
_KEYWORDS = (*_LISTS, "config", "tolerance", "timeout")
_ROWS = {row.name: row for row in CORE}


@dataclass(frozen=True)
class Mark:
    """A test's own choices. An axis that is None was not given."""

    models: tuple[str, ...] | None = None
    backends: tuple[str, ...] | None = None
    features: tuple[tuple[str, ...], ...] | None = None
    optimize: tuple[str, ...] | None = None
    targets: tuple[str, ...] | None = None
    isas: tuple[str, ...] | None = None
    vlens: tuple[int, ...] | None = None
    config: Mapping[str, str] | None = None
    tolerance: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    timeout: float | None = None


def read(marks: Iterable[tuple[tuple[Any, ...], Mapping[str, Any]]], *, where: str) -> Mark:
    """The marks of one test, nearest first, as one; each as (positional, keyword) arguments.

    A keyword of a nearer mark (the function's) wins over a farther one's (the module's). Raises
    UserMistake for positional arguments, unknown keywords and values of the wrong form.
    """
    values: dict[str, Any] = {}
    for positional, keywords in marks:
        if positional:
            raise UserMistake(
                "the mlbench mark takes keyword arguments only",
                where=where,
                remedy='For example @pytest.mark.mlbench(models=["aww"])',
            )
        for name, value in keywords.items():
            if name not in _KEYWORDS:
                raise unknown("keyword of the mlbench mark", name, _KEYWORDS, where=where)
            values.setdefault(name, _value(name, value, f"{where}, mlbench mark, {name}"))
    return Mark(**values)


def _value(name: str, value: Any, where: str) -> Any:
    if name in _LISTS:
        entries = [value] if isinstance(value, str | int) else list(value)
        if not entries:
            raise UserMistake("an empty list", where=where)
        return tuple(dict.fromkeys(_entry(_LISTS[name], entry, where) for entry in entries))
    if name == "timeout":
        return _ROWS["timeout"].read(str(value), where=where)
    if not hasattr(value, "items"):
        raise UserMistake(f"{value!r} is not a dict", where=where)
    return MappingProxyType({str(key): str(entry) for key, entry in sorted(value.items())})


def _entry(option: str, entry: Any, where: str) -> Any:
    row = _ROWS[option]
    if option == "features" and not isinstance(entry, str):
        return row.read(",".join(entry) or "_", where=where)
    if not isinstance(entry, str | int):
        raise UserMistake(f"{entry!r} is not a text", where=where)
    return row.read(str(entry), where=where)
