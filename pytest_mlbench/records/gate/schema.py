"""Checks of baseline blocks and of records from files: known keys, whole numbers, texts.

Files may come from anywhere. What passes these checks is safe to compare and to render.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_mlbench.errors import UsageError, nearest
from pytest_mlbench.records.metrics import METRICS
from pytest_mlbench.records.record import MOST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pytest_mlbench.records.record import Record

_REMEDY = "Run the case again with --mlbench-save, or take the file back from git"


def check_case(case: str, block: Any, where: str) -> None:
    """Raise UsageError, naming case and key, if `block` is not the block of a case."""

    def wrong(what: str, remedy: str = _REMEDY) -> UsageError:
        return UsageError(f"case {case}: {what}", where=where, remedy=remedy)

    if not isinstance(block, dict):
        raise wrong("expected a table with params and metrics")
    for key in block:
        if key not in _CHECKS:
            raise wrong(f"unknown key {brief(key)}", nearest(str(key), _CHECKS))
    for key in ("params", "metrics"):
        if key not in block:
            raise wrong(f"{key} is missing")
    for key, value in block.items():
        problem = _CHECKS[key](value)
        if problem:
            raise wrong(f"{key}: {problem}")
    for name in block["metrics"]:
        if name not in METRICS:
            raise wrong(f"unknown metric {brief(name)}", nearest(str(name), METRICS))


def check_record(record: Record, where: str) -> None:
    """Raise UsageError, naming case and field, if a record from a file is malformed."""
    problems = {
        "metrics": _numbers(dict(record.metrics)),
        "params": _params(dict(record.params)),
        "validation": _validation(dict(record.validation)),
        "provenance": _identity(dict(record.provenance)),
        "operators": _operators(list(record.operators)),
        "components": _tables(dict(record.components)),
        "symbols": _symbol_rows(record.symbols),
        "arena": _arena_rows(record.arena),
        "order": _steps(record.order),
    }
    for field, problem in problems.items():
        if problem:
            raise UsageError(
                f"case {record.case}: {field}: {problem}",
                where=where,
                remedy="Expected what --mlbench-json wrote",
            )


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST


def brief(value: Any) -> str:
    """A short text for any value, for error messages."""
    text = repr(value) if isinstance(value, (str, int, float, bool, type(None))) else ""
    if not text:
        return f"a {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _validation(value: Mapping[str, Any]) -> str:
    for name in ("samples", "matched"):
        if value and not _whole(value.get(name)):
            return f"{name} is {brief(value.get(name))}, expected a whole number from 0 below 2^63"
    return ""


def _symbol_rows(rows: Iterable[Mapping[str, Any]]) -> str:
    for row in rows:
        for name in ("name", "component", "section"):
            if not isinstance(row.get(name), str):
                return f"{name} is {row.get(name)!r}, expected a text"
        for name in ("size", "stack"):
            if not _whole(row.get(name, 0)):
                return f"{name} is {brief(row[name])}, expected a whole number from 0 below 2^63"
        if "size" not in row:
            return f"{row['name']} has no size"
    return ""


def _arena_rows(rows: Iterable[Mapping[str, Any]]) -> str:
    for row in rows:
        for name in ("name", "kind"):
            if not isinstance(row.get(name), str):
                return f"{name} is {row.get(name)!r}, expected a text"
        for name in ("offset", "size", "first", "last"):
            if not _whole(row.get(name)):
                return f"{name} is {row.get(name)!r}, expected a whole number from 0"
        if row["last"] < row["first"]:
            return f"{row['name']} ends in step {row['last']}, before it begins"
    return ""


def _steps(steps: Iterable[int]) -> str:
    wrong = next((step for step in steps if not _whole(step)), None)
    return "" if wrong is None else f"{brief(wrong)}, expected a whole number from 0"


def _numbers(value: Any) -> str:
    """A table of whole numbers from 0."""
    if not isinstance(value, dict):
        return "expected a table of numbers"
    for name, number in value.items():
        if not isinstance(name, str):
            return f"{brief(name)} is not a name"
        if not _whole(number):
            return f"{name} is {brief(number)}, expected a whole number from 0 below 2^63"
    return ""


def _symbols(value: Any) -> str:
    problem = _numbers(value)
    if not problem:
        for name in value:
            if len(name.split(" ", 2)) != 3:
                return f"{brief(name)} is not a component, a section and a name"
    return problem


def _tables(value: Any) -> str:
    if not isinstance(value, dict):
        return "expected a table"
    return next((f"{name}: {found}" for name, row in value.items() if (found := _numbers(row))), "")


def _operators(value: Any) -> str:
    if not isinstance(value, list):
        return "expected a list"
    for row in value:
        if not isinstance(row, dict) or not {"index", "name"} <= set(row):
            return f"{brief(row)} is not an operator with index and name"
        for name in ("index", "macs", "bytes", "cycles", "instructions", "predicted"):
            if not _whole(row.get(name, 0)):
                return f"{name} is {brief(row[name])}, expected a whole number from 0 below 2^63"
        if not isinstance(row.get("shape", ""), (str, list)):
            return f"shape is {brief(row['shape'])}, expected a text"
        for name in ("name", "kernel", "library"):
            if not isinstance(row.get(name, ""), str):
                return f"{name} is {brief(row[name])}, expected a text"
    return ""


def _params(value: Any) -> str:
    if not isinstance(value, dict):
        return "expected a table"
    for name, item in value.items():
        if name == "features" and not (isinstance(item, list) and _texts(item)):
            return f"features is {brief(item)}, expected a list of names"
        if name == "config" and not (isinstance(item, dict) and _texts(item.values())):
            return f"config is {brief(item)}, expected a table of texts"
        if name not in {"features", "config"} and not isinstance(item, str):
            return f"{name} is {brief(item)}, expected a text"
    return ""


def _identity(value: Any) -> str:
    if not isinstance(value, dict):
        return "expected a table"
    for name, item in value.items():
        if name in {"flags", "libraries"}:
            if not isinstance(item, dict):
                return f"{name} is not a table"
            for part, words in item.items():
                if not (isinstance(words, str) or (isinstance(words, list) and _texts(words))):
                    return f"{name}: {part} is {brief(words)}, expected a text"
        elif not isinstance(item, str):
            return f"{name} is {brief(item)}, expected a text"
    return ""


def _texts(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


_CHECKS: Mapping[str, Callable[[Any], str]] = {
    "params": _params,
    "metrics": _numbers,
    "identity": _identity,
    "operators": _operators,
    "components": _tables,
    "symbols": _symbols,
    "frames": _symbols,
}
