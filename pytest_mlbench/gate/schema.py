"""What may stand in a case of a baseline: every key known, every number whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_mlbench.errors import UserMistake, nearest
from pytest_mlbench.metrics.catalogue import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_REMEDY = "Run the case again with --mlbench-save, or take the file back from git"


def check_case(case: str, block: Any, where: str) -> None:
    """Raise UserMistake, naming case and key, when `block` is not a case's block."""

    def wrong(what: str, remedy: str = _REMEDY) -> UserMistake:
        return UserMistake(f"case {case}: {what}", where=where, remedy=remedy)

    if not isinstance(block, dict):
        raise wrong("expected a table with params and metrics")
    for key in block:
        if key not in _CHECKS:
            raise wrong(f"unknown key {key!r}", nearest(str(key), _CHECKS))
    for key in ("params", "metrics"):
        if key not in block:
            raise wrong(f"{key} is missing")
    for key, value in block.items():
        problem = _CHECKS[key](value)
        if problem:
            raise wrong(f"{key}: {problem}")
    for name in block["metrics"]:
        if name not in METRICS:
            raise wrong(f"unknown metric {name!r}", nearest(str(name), METRICS))


def _numbers(value: Any) -> str:
    """A table of whole numbers from 0."""
    if not isinstance(value, dict):
        return "expected a table of numbers"
    for name, number in value.items():
        if not isinstance(name, str):
            return f"{name!r} is not a name"
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            return f"{name} is {number!r}, expected a whole number from 0"
    return ""


def _symbols(value: Any) -> str:
    problem = _numbers(value)
    if not problem:
        for name in value:
            if len(name.split(" ", 2)) != 3:
                return f"{name!r} is not a component, a section and a name"
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
            return f"{row!r} is not an operator with index and name"
        for name in ("index", "macs", "cycles", "instructions"):
            if isinstance(row.get(name, 0), bool) or not isinstance(row.get(name, 0), int):
                return f"{name} is {row[name]!r}, expected a whole number"
    return ""


def _params(value: Any) -> str:
    return "" if isinstance(value, dict) else "expected a table"


def _identity(value: Any) -> str:
    if not isinstance(value, dict):
        return "expected a table"
    for name in ("flags", "libraries"):
        if not isinstance(value.get(name, {}), dict):
            return f"{name} is not a table"
    return ""


_CHECKS: Mapping[str, Callable[[Any], str]] = {
    "params": _params,
    "metrics": _numbers,
    "identity": _identity,
    "operators": _operators,
    "components": _tables,
    "symbols": _symbols,
    "frames": _symbols,
}
