"""Bars: cycles of operators, and bytes of components side by side. Widths in percent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_mlbench.records.report.profile import instructions_per_mac, kernel, operator_sum

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_mlbench.records.record import Record
    from pytest_mlbench.records.report.profile import OperatorSum


@dataclass(frozen=True)
class Bar:
    """One operator: `width` is its share of the longest, `share` of all, both in percent."""

    row: Mapping[str, Any]
    shape: str
    kernel: str
    per_mac: str
    value: int
    width: float
    share: float


@dataclass(frozen=True)
class OperatorBars:
    """The operators of one case by `unit`: cycles where they were counted, else MACs."""

    case: str
    unit: str
    bars: tuple[Bar, ...]
    total: OperatorSum | None


@dataclass(frozen=True)
class Segment:
    """A component's part of a stacked bar."""

    component: str
    size: int
    width: float


@dataclass(frozen=True)
class Stack:
    """One case's bytes by component."""

    case: str
    total: int
    segments: tuple[Segment, ...]


def operators(record: Record) -> OperatorBars | None:
    """The bars of a case, None when it has no operators."""
    from pytest_mlbench.records.gate.attribute import shape

    if not record.operators:
        return None
    total = operator_sum(record)
    unit = "cycles" if total else "macs"
    values = [int(row.get(unit, 0)) for row in record.operators]
    longest, whole = max(values) or 1, sum(values) or 1
    bars = tuple(
        Bar(
            row=row,
            shape=shape(row),
            kernel=kernel(row),
            per_mac=instructions_per_mac(row),
            value=value,
            width=round(100 * value / longest, 2),
            share=round(100 * value / whole, 1),
        )
        for row, value in zip(record.operators, values, strict=True)
    )
    return OperatorBars(record.case, "Cycles" if total else "MACs", bars, total)


def stacks(records: Iterable[Record], memory: str) -> tuple[list[str], list[Stack]]:
    """The components by their greatest size, and one bar per case on one common scale."""
    rows = [row for row in sorted(records, key=lambda row: row.case) if row.components]
    sizes = {row.case: _sizes(row, memory) for row in rows}
    names = _by_size(sizes.values())
    longest = max((sum(size.values()) for size in sizes.values()), default=0) or 1
    found = [
        Stack(
            case,
            sum(size.values()),
            tuple(
                Segment(name, size[name], round(100 * size[name] / longest, 3))
                for name in names
                if size.get(name)
            ),
        )
        for case, size in sizes.items()
    ]
    return names, found


def _sizes(record: Record, memory: str) -> dict[str, int]:
    return {name: int(row.get(memory, 0)) for name, row in record.components.items()}


def _by_size(sizes: Iterable[Mapping[str, int]]) -> list[str]:
    greatest: dict[str, int] = {}
    for row in sizes:
        for name, size in row.items():
            greatest[name] = max(greatest.get(name, 0), size)
    return sorted((name for name in greatest if greatest[name]), key=lambda n: (-greatest[n], n))


def top_symbols(record: Record, limit: int = 25) -> Sequence[Mapping[str, Any]]:
    """The biggest symbols of a case."""
    rows = sorted(record.symbols, key=lambda row: (-int(row["size"]), str(row["name"])))
    return rows[:limit]
