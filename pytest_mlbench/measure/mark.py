"""`@pytest.mark.mlbench(...)`: a test's choices for its own cases. Unknown keywords are refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_mlbench.errors import UsageError, unknown
from pytest_mlbench.settings import CORE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_mlbench.options import Option

_ROWS = {row.attribute: row for row in CORE if row.mark}
KEYWORDS = (*_ROWS, "tolerance")
"""The mark's keywords: options (a list's name is in the plural), and `tolerance`."""


@dataclass(frozen=True)
class Mark:
    """A test's own choices. `axes` holds only the axes that were given."""

    axes: Mapping[str, tuple[Any, ...]] = field(default_factory=lambda: MappingProxyType({}))
    config: Mapping[str, str] | None = None
    tolerance: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    timeout: float | None = None


def help_line() -> str:
    """The line that `pytest --markers` shows, built from the options that the mark may set."""
    forms = {"pairs": "{...}", "list": "[...]"}
    keywords = [f"{name}={forms.get(row.kind, 'VALUE')}" for name, row in _ROWS.items()]
    return (
        f"mlbench({', '.join(keywords)}, tolerance={{...}}): the cases of this test, its time "
        "limit in seconds, its allowed changes {metric: 'N' or 'N%'}. The command line wins over "
        "the mark, the mark over the ini file."
    )


def read(marks: Iterable[tuple[tuple[Any, ...], Mapping[str, Any]]], *, where: str) -> Mark:
    """Merges the marks of one test, given nearest first as (positional, keyword) arguments.

    A keyword of a nearer mark (on the function) wins over a farther one (of the module). Raises
    UsageError for positional arguments, unknown keywords and values of the wrong form.
    """
    values: dict[str, Any] = {}
    for positional, keywords in marks:
        if positional:
            raise UsageError(
                "the mlbench mark takes keyword arguments only",
                where=where,
                remedy='For example @pytest.mark.mlbench(models=["aww"])',
            )
        for name, value in keywords.items():
            if name not in KEYWORDS:
                raise unknown("keyword of the mlbench mark", name, KEYWORDS, where=where)
            values.setdefault(name, _value(name, value, f"{where}, mlbench mark, {name}"))
    given = {_ROWS[name].name: values.pop(name) for name in list(values) if _is_axis(name)}
    return Mark(axes=MappingProxyType(given), **values)


def own_value(row: Option, value: Any, *, where: str) -> Any:
    """The option's value from Python: a str, a number, a path, or for features a list of names.

    Raises UsageError for a value of the wrong form.
    """
    if row.name == "features" and not isinstance(value, str):
        return row.read(",".join(value) or "_", where=where)
    if not isinstance(value, str | int | Path):
        raise UsageError(f"{value!r} is not a string", where=where)
    return row.read(str(value), where=where)


def _is_axis(name: str) -> bool:
    return name in _ROWS and _ROWS[name].axis is not None


def _value(name: str, value: Any, where: str) -> Any:
    row = _ROWS.get(name)
    if row is not None and row.kind == "list":
        entries = [value] if isinstance(value, str | int | Path) else list(value)
        if not entries:
            raise UsageError("an empty list", where=where)
        return tuple(dict.fromkeys(own_value(row, entry, where=where) for entry in entries))
    if row is not None and row.kind != "pairs":
        return row.read(str(value), where=where)
    if not hasattr(value, "items"):
        raise UsageError(f"{value!r} is not a dict", where=where)
    return MappingProxyType({str(key): str(entry) for key, entry in sorted(value.items())})
