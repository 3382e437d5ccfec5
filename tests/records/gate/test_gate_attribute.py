"""What a change is put down to: symbols, frames, operators, flags."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import synthetic

from pytest_mlbench.records.gate import attribute

if TYPE_CHECKING:
    from pytest_mlbench.records.record import Record

PROFILED = synthetic.record("alpha", scale=1)
SLOWER = synthetic.record("alpha", scale=2)


def _unprofiled(record: Record) -> Record:
    rows = tuple(
        {key: value for key, value in row.items() if key not in {"cycles", "instructions"}}
        for row in record.operators
    )
    return replace(record, operators=rows)


def test_operators_that_took_longer_are_named() -> None:
    found = attribute.operators(PROFILED, SLOWER)
    assert found
    assert all(shift.now == 2 * shift.was for shift in found)


def test_operators_are_compared_only_where_both_were_profiled() -> None:
    assert attribute.operators(_unprofiled(PROFILED), SLOWER) == []
    assert attribute.operators(PROFILED, _unprofiled(SLOWER)) == []
    assert attribute.operators(_unprofiled(PROFILED), _unprofiled(SLOWER)) == []
