"""Where a change comes from: the symbols and components that grew, the operators that slowed down.

Pure comparisons of two records' symbols, components, operators and flags.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_mlbench.records.record import Record


@dataclass(frozen=True)
class Shift:
    """One thing that changed: `was` or `now` is None where it is new or gone.

    `kind` is symbol, frame, component, operator or flags; `unit` is bytes, cycles, instructions
    or empty for text.
    """

    kind: str
    name: str
    unit: str
    was: int | str | None
    now: int | str | None

    @property
    def change(self) -> int:
        """The difference; 0 for text."""
        if isinstance(self.was, str) or isinstance(self.now, str):
            return 0
        return (self.now or 0) - (self.was or 0)


def symbols(old: Record, new: Record) -> list[Shift]:
    """Symbols whose size changed, the biggest growth first."""
    return _shifts("symbol", "bytes", _symbol_sizes(old, "size"), _symbol_sizes(new, "size"))


def frames(old: Record, new: Record) -> list[Shift]:
    """Functions whose stack frame changed, the biggest growth first."""
    return _shifts("frame", "bytes", _symbol_sizes(old, "stack"), _symbol_sizes(new, "stack"))


def components(old: Record, new: Record) -> list[Shift]:
    """Components whose ROM or RAM changed, the biggest growth first."""
    return _shifts("component", "bytes", _component_sizes(old), _component_sizes(new))


def operators(old: Record, new: Record) -> list[Shift]:
    """Operators whose cycles changed, the biggest growth first; empty without both profiles.

    An operator is identified by its place, so another kernel does not make it another operator.
    """
    was, now = _operator_cycles(old), _operator_cycles(new)
    if not was or not now:
        return []
    names = {**_operator_names(old), **_operator_names(new)}
    return [
        Shift(shift.kind, names[int(shift.name)], shift.unit, shift.was, shift.now)
        for shift in _shifts("operator", "cycles", was, now)
    ]


def flags(old: Record, new: Record) -> list[Shift]:
    """Components whose compile options changed, and operators that another kernel runs now."""
    found = _text_shifts("flags", _flags(old), _flags(new))
    was, now = _kernels(old), _kernels(new)
    if set(was) == set(now):
        found += _text_shifts("kernel", was, now)
    return found


def profiled(record: Record) -> bool:
    """Has `record` cycles per operator?"""
    return bool(_operator_cycles(record))


def grown(shifts: Iterable[Shift], limit: int = 5) -> list[Shift]:
    """The first `limit` that got worse."""
    return [shift for shift in shifts if shift.change > 0][:limit]


def _shifts(kind: str, unit: str, was: Mapping[str, int], now: Mapping[str, int]) -> list[Shift]:
    changed = [
        Shift(kind, name, unit, was.get(name), now.get(name))
        for name in {**was, **now}
        if was.get(name) != now.get(name)
    ]
    return sorted(changed, key=lambda shift: (-shift.change, shift.name))


def _text_shifts(kind: str, was: Mapping[str, str], now: Mapping[str, str]) -> list[Shift]:
    return [
        Shift(kind, name, "", was.get(name), now.get(name))
        for name in sorted({**was, **now})
        if was.get(name) != now.get(name)
    ]


def symbol_key(row: Mapping[str, Any]) -> str:
    """The name of a symbol in sentences and baselines: component, section, name."""
    return f"{row.get('component', '?')} {row.get('section', '?')} {row.get('name', '?')}"


def _symbol_sizes(record: Record, field: str) -> dict[str, int]:
    sizes: dict[str, int] = defaultdict(int)
    for row in record.symbols:
        if field in row:
            # Static functions of several files may share a name: what counts is their sum.
            sizes[symbol_key(row)] += int(row[field])
    return sizes


def _component_sizes(record: Record) -> dict[str, int]:
    return {
        f"{name} {memory.upper()}": int(size)
        for name, row in record.components.items()
        for memory, size in row.items()
    }


def operator_name(row: Mapping[str, Any]) -> str:
    """`3 CONV_2D 1x25x5x64`: an operator in sentences and tables."""
    return " ".join(str(part) for part in (row["index"], row["name"], shape(row)) if part != "")


def shape(row: Mapping[str, Any]) -> str:
    """The operator's output shape as 1x25x5x64."""
    value = row.get("shape", "")
    return value if isinstance(value, str) else "x".join(map(str, value))


def _operator_cycles(record: Record) -> dict[str, int]:
    return {str(row["index"]): int(row["cycles"]) for row in record.operators if "cycles" in row}


def _operator_names(record: Record) -> dict[int, str]:
    return {int(row["index"]): operator_name(row) for row in record.operators}


def _kernels(record: Record) -> dict[str, str]:
    return {
        operator_name(row): f"{row.get('library', '?')} {row.get('kernel', '?')}"
        for row in record.operators
    }


def _flags(record: Record) -> dict[str, str]:
    parts = record.provenance.get("flags", {})
    return {
        name: options if isinstance(options, str) else " ".join(options)
        for name, options in parts.items()
    }
