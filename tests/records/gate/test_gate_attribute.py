"""What a change is put down to: symbols, frames, operators, flags."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import synthetic

from pytest_mlbench.records.gate import attribute
from pytest_mlbench.records.gate.attribute import Shift

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


def _with(record: Record, **changes: object) -> Record:
    return replace(record, **changes)  # type: ignore[arg-type]


def test_symbols_and_frames_that_changed_biggest_growth_first() -> None:
    rows = (
        {"component": "kernels", "section": ".text", "name": "a", "size": 10, "stack": 16},
        {"component": "kernels", "section": ".text", "name": "b", "size": 10, "stack": 16},
        {"component": "kernels", "section": ".text", "name": "same", "size": 1},
        {"component": "kernels", "section": ".text", "name": "same", "size": 2},
        {"size": 4, "stack": 8},
    )
    changed = (
        {**rows[0], "size": 12, "stack": 8},
        {**rows[1], "size": 15, "stack": 48},
        {**rows[2], "size": 2},
        rows[3],
    )
    old, new = _with(PROFILED, symbols=rows), _with(PROFILED, symbols=changed)
    assert attribute.symbols(old, new) == [
        Shift("symbol", "kernels .text b", "bytes", 10, 15),
        Shift("symbol", "kernels .text a", "bytes", 10, 12),
        Shift("symbol", "kernels .text same", "bytes", 3, 4),
        Shift("symbol", "? ? ?", "bytes", 4, None),
    ]
    assert attribute.frames(old, new) == [
        Shift("frame", "kernels .text b", "bytes", 16, 48),
        Shift("frame", "? ? ?", "bytes", 8, None),
        Shift("frame", "kernels .text a", "bytes", 16, 8),
    ]
    assert attribute.symbols(old, old) == []


def test_components_that_changed() -> None:
    old = _with(PROFILED, components={"model": {"rom": 5, "ram": 6}, "gone": {"rom": 1}})
    new = _with(PROFILED, components={"model": {"rom": 5, "ram": 8}})
    assert attribute.components(old, new) == [
        Shift("component", "model RAM", "bytes", 6, 8),
        Shift("component", "gone ROM", "bytes", 1, None),
    ]


def test_an_operator_is_known_by_its_place_and_named_with_its_shape() -> None:
    row = {"index": 0, "name": "CONV_2D", "shape": [1, 5], "kernel": "a", "library": "mine"}
    old = _with(PROFILED, operators=({**row, "cycles": 7},))
    new = _with(PROFILED, operators=({**row, "kernel": "b", "cycles": 9},))
    assert attribute.operators(old, new) == [Shift("operator", "0 CONV_2D 1x5", "cycles", 7, 9)]
    assert attribute.operator_name({"index": 3, "name": "ADD"}) == "3 ADD"
    assert attribute.shape({"shape": "1x2"}) == "1x2"
    assert attribute.profiled(old)
    assert not attribute.profiled(_with(old, operators=(row,)))


def test_flags_and_kernels_that_changed() -> None:
    row = {"index": 0, "name": "ADD", "shape": "1", "kernel": "a", "library": "mine"}
    old = _with(
        PROFILED,
        operators=(row, {"index": 1, "name": "MUL"}),
        provenance={"flags": {"model": ["-O3", "-DX"], "kernels": "-Os"}},
    )
    new = _with(
        PROFILED,
        operators=({**row, "kernel": "b"}, {"index": 1, "name": "MUL", "library": "mine"}),
        provenance={"flags": {"model": ["-O2", "-DX"], "kernels": "-Os", "more": "-O2"}},
    )
    assert attribute.flags(old, new) == [
        Shift("flags", "model", "", "-O3 -DX", "-O2 -DX"),
        Shift("flags", "more", "", None, "-O2"),
        Shift("kernel", "0 ADD 1", "", "mine a", "mine b"),
        Shift("kernel", "1 MUL", "", "? ?", "mine ?"),
    ]
    bare = _with(old, provenance={}, operators=())
    assert attribute.flags(bare, bare) == []
    other = _with(new, provenance={}, operators=(row,))
    assert attribute.flags(_with(old, provenance={}), other) == []


def test_only_what_got_worse_counts_as_grown() -> None:
    shifts = [Shift("symbol", str(step), "bytes", 10, 10 + step) for step in (3, 2, 1, 0, -1)]
    assert attribute.grown(shifts) == shifts[:3]
    assert attribute.grown(shifts, 2) == shifts[:2]
    assert [attribute.grown([shifts[0]] * 9)] == [[shifts[0]] * 5]
    assert Shift("flags", "model", "", "-O3", None).change == 0
    assert Shift("symbol", "new", "bytes", None, 4).change == 4
    assert Shift("symbol", "gone", "bytes", 4, None).change == -4
