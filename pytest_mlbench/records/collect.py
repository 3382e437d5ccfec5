"""Records of one run, each case once. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .record import Record

_RANK = {"skipped": 0, "passed": 1, "failed": 2}


class Collection:
    """Records by case. Tests that measure the same case give one record, if they agree."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        self._places: dict[str, int] = {}
        self.conflicts: dict[str, str] = {}

    def add(self, record: Record, place: int = 0) -> None:
        """Add `record`; a disagreement with an earlier one goes into `conflicts`.

        `place` is the position of its case among those selected. Records come back in that order,
        not in that of measuring.
        """
        self._places[record.case] = min(place, self._places.get(record.case, place))
        known = self._records.get(record.case)
        if known is None:
            self._records[record.case] = record
            return
        difference = disagreement(known, record)
        if difference:
            conflict = f"{record.case} was measured twice with different results: {difference}"
            self.conflicts[record.case] = conflict
        self._records[record.case] = together(known, record)

    @property
    def records(self) -> tuple[Record, ...]:
        """All records, by place, then by case. A case that tests disagree on has failed."""
        places = self._places
        return tuple(
            replace(record, outcome="failed", reason=self.conflicts[case])
            if case in self.conflicts
            else record
            for case, record in sorted(
                self._records.items(), key=lambda row: (places[row[0]], row[0])
            )
        )


def disagreement(one: Record, other: Record) -> str:
    """The first value that both records have and that differs, in words; empty if they agree."""
    for key in sorted(one.metrics.keys() & other.metrics.keys()):
        if one.metrics[key] != other.metrics[key]:
            return f"{key} {' and '.join(_pair(one.metrics[key], other.metrics[key]))}"
    for key in ("model_sha256", "elf_sha256", "toolchain"):
        values = one.provenance.get(key), other.provenance.get(key)
        if None not in values and values[0] != values[1]:
            return f"{key} {' and '.join(_pair(*values))}"
    if one.params != other.params:
        return f"parameters {' and '.join(_pair(dict(one.params), dict(other.params)))}"
    return ""


def together(one: Record, other: Record) -> Record:
    """Both as one record, independent of their order: a failure wins, then the more complete
    one."""
    first, second = sorted((one, other), key=_weight, reverse=True)
    worst = max(first, second, key=lambda record: (_RANK[record.outcome], record.reason))
    reasons = sorted({row.reason for row in (one, other) if row.outcome == worst.outcome} - {""})
    return replace(
        first,
        outcome=worst.outcome,
        reason="; ".join(reasons),
        metrics={**second.metrics, **first.metrics},
        validation=first.validation or second.validation,
        notes=tuple(dict.fromkeys((*first.notes, *second.notes))),
    )


def _weight(record: Record) -> tuple[object, ...]:
    profiled = any("cycles" in row for row in record.operators)
    return (len(record.metrics), profiled, _RANK[record.outcome], record.reason)


def _pair(*values: object) -> Iterable[str]:
    return sorted(str(value) for value in values)
