"""The state of each case, with its reason, and what makes two records incomparable. Pure."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
import synthetic

from pytest_mlbench.errors import UsageError
from pytest_mlbench.records.gate.compare import (
    CaseComparison,
    Change,
    Difference,
    compare,
    compare_all,
    identity,
    incomparable,
)
from pytest_mlbench.records.gate.tolerance import Rules, Tolerance, parse, parse_all

if TYPE_CHECKING:
    from pytest_mlbench.records.record import Record

PASSED = synthetic.record()
FAILED = replace(PASSED, outcome="failed", reason="wrong output")
SKIPPED = replace(PASSED, outcome="skipped", reason="no compiler")


@pytest.mark.parametrize(
    ("old", "new", "state", "reason"),
    [
        (PASSED, FAILED, "failed", "failed: wrong output"),
        (PASSED, replace(FAILED, reason=""), "failed", "failed"),
        (PASSED, SKIPPED, "missing", "skipped: no compiler"),
        (FAILED, PASSED, "failed", "in the older results failed: wrong output"),
        (SKIPPED, PASSED, "failed", "in the older results skipped: no compiler"),
        (FAILED, SKIPPED, "missing", "skipped: no compiler"),
    ],
)
def test_a_case_that_did_not_pass_says_which_time_and_why(
    old: Record, new: Record, state: str, reason: str
) -> None:
    found = compare(old, new)
    assert found == CaseComparison(PASSED.case, state, reason=reason)
    assert (found.old, found.new) == (old, new)


@pytest.mark.parametrize(
    ("new", "state", "reason"),
    [
        (PASSED, "new", ""),
        (FAILED, "failed", "failed: wrong output"),
        (replace(FAILED, reason=""), "failed", "failed"),
        (SKIPPED, "missing", "skipped: no compiler"),
    ],
)
def test_a_case_without_an_older_one(new: Record, state: str, reason: str) -> None:
    (found,) = compare_all([], [new])
    assert found == CaseComparison(PASSED.case, state, reason=reason)
    assert (found.old, found.new) == (None, new)


def test_an_old_case_that_should_have_run_is_missing() -> None:
    other = synthetic.record("vww")
    gone = CaseComparison(other.case, "missing", reason="did not run")
    assert compare_all([PASSED, other], [PASSED])[1] == gone
    assert compare_all([PASSED, other], [PASSED])[1].old is other
    assert compare_all([PASSED, other], [PASSED], selected=[other.case])[1] == gone
    assert [row.case for row in compare_all([PASSED, other], [PASSED], selected=[])] == [
        PASSED.case
    ]


def test_rules_reach_each_case() -> None:
    slower = synthetic.record(scale=1.01)
    (found,) = compare_all([PASSED], [slower], parse_all(["run_cycles=2%"], where="x"))
    assert found.state == "changed"


def test_a_metric_on_one_side_only_is_neither_better_nor_worse() -> None:
    old = replace(PASSED, metrics={"rom_total": 5, "stack_peak": 7})
    new = replace(PASSED, metrics={"rom_total": 5, "arena_peak": 9})
    found = compare(old, new)
    assert found.state == "equal"
    assert set(found.changes) == {
        Change("rom_total", 5, 5, "equal"),
        Change("stack_peak", 7, None, "unmeasured"),
        Change("arena_peak", None, 9, "added"),
    }


def test_a_fact_of_the_model_changes_without_a_verdict() -> None:
    old, new = (replace(PASSED, metrics={"macs": count}) for count in (10, 9))
    assert compare(old, new).changes == (Change("macs", 10, 9, "changed"),)
    assert compare(old, new).state == "changed"


def test_the_ratio_of_instructions_is_allowed_what_instructions_are() -> None:
    old = replace(PASSED, metrics={"run_instructions": 1000, "run_millinstructions_per_mac": 500})
    new = replace(PASSED, metrics={"run_instructions": 1001, "run_millinstructions_per_mac": 510})
    allowed = parse_all(["run_instructions=1"], where="x")
    found = compare(old, new, allowed)
    assert found.state == "changed"
    assert [change.verdict for change in found.changes] == ["within", "within"]
    worse = parse_all(["rom=1"], where="x")
    assert [change.verdict for change in compare(old, new, worse).changes] == ["worse", "worse"]
    lone = [
        replace(row, metrics={"run_millinstructions_per_mac": 500 + 10 * i})
        for i, row in enumerate((old, new))
    ]
    assert compare(*lone, allowed).state == "regressed"
    assert compare(old, new).state == "regressed"
    named = parse_all(["run_instructions=1", "run_millinstructions_per_mac=0"], where="x")
    assert compare(old, new, named).state == "regressed"


@pytest.mark.parametrize(
    ("changes", "what", "was", "now"),
    [
        ({"toolchain": "gcc 13"}, "toolchain", "gcc 12", "gcc 13"),
        ({"toolchain": None}, "toolchain", "gcc 12", ""),
        ({"model_sha256": "cd"}, "model", "ab", "cd"),
        ({"spike": "1.2"}, "simulator", "1.1", "1.2"),
        ({"libraries": {"cmsisnn": "v7", "own": "local x"}}, "library cmsisnn", "v6", "v7"),
    ],
)
def test_what_forbids_a_comparison(
    changes: dict[str, object], what: str, was: str, now: str
) -> None:
    known = {
        "toolchain": "gcc 12",
        "model_sha256": "ab",
        "spike": "1.1",
        "libraries": {"cmsisnn": "v6", "own": "local y", "gone": "1"},
    }
    old = replace(PASSED, provenance=known)
    new = replace(PASSED, provenance={**known, **changes})
    assert incomparable(old, old) == ()
    assert incomparable(old, new) == (Difference(what, was, now),)
    assert compare(old, new).state == "incomparable"
    assert compare(old, new).differences == (Difference(what, was, now),)
    assert (compare(old, new).old, compare(old, new).new) == (old, new)


def test_parameters_forbid_a_comparison_and_a_simulator_that_did_not_run_does_not() -> None:
    old = replace(PASSED, provenance={"spike": "1.1"})
    assert incomparable(old, replace(PASSED, provenance={})) == ()
    assert incomparable(replace(PASSED, provenance={}), old) == ()
    other = replace(old, params={**old.params, "isa": "rv64gc", "lto": "on"})
    assert [str(row) for row in incomparable(old, other)] == [
        f"ISA was {old.params['isa']}, is rv64gc",
        "lto was not recorded, is on",
    ]
    assert [str(row) for row in incomparable(other, old)][1] == "lto was on, is not recorded"


def test_values_as_one_line_of_text() -> None:
    assert identity(None) == ""
    assert identity({"b": [1, "x"], "a": (2,)}) == "a 2, b 1,x"
    assert identity(7) == "7"


def test_what_follows_from_another_change_is_not_a_cause_of_its_own() -> None:
    def grown(**by: int) -> list[str]:
        new = {key: value + by.get(key, 0) for key, value in PASSED.metrics.items()}
        found = compare(PASSED, replace(PASSED, metrics=new))
        return [change.metric for change in found.causes("worse")]

    assert grown(run_cycles=5, run_cycles_max=5, total_cycles=5) == ["run_cycles"]
    assert grown(ram_bss=16, arena_peak=16, ram_total=16) == ["arena_peak"]
    assert set(grown(ram_bss=32, arena_peak=16, ram_total=32)) == {"ram_bss", "arena_peak"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("run_cycles", "x: 'run_cycles' is not METRIC=N or METRIC=N%. For example run_cycles=2%"),
        ("new=maybe", "x: new=maybe, expected new=fail or new=pass"),
        ("nothing_*=1", "x: no metric matches 'nothing_*'"),
        (
            "macs=1",
            "x: MACs is a fact of the model: it cannot get worse, so it has no tolerance",
        ),
        (
            "rom_total=much",
            (
                "x: the tolerance of rom_total is 'much', expected a number from 0, with or "
                "without %. For example rom_total=64 or rom_total=2%"
            ),
        ),
        (
            "rom=much",
            (
                "x: the tolerance of rom is 'much', expected a number from 0, with or without %. "
                "For example rom=64 or rom=2%"
            ),
        ),
    ],
)
def test_a_malformed_rule_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse(text, where="x")
    assert str(refused.value) == sentence
    with pytest.raises(UsageError) as refused:
        parse_all(["rom_total=1", text], where="x")
    assert str(refused.value) == sentence


def test_amounts_as_they_are_written() -> None:
    assert parse("run_cycles=1_000", where="x").tolerance == Tolerance(Fraction(1000))
    half = parse("run_cycles=0.5%", where="x").tolerance
    assert (str(half), half.as_written) == ("0.5 %", "0.5%")
    assert (str(Tolerance(Fraction(64000))), Tolerance(Fraction(64000)).as_written) == (
        "64,000",
        "64000",
    )
    assert parse_all(["", "  "], where="x") == Rules()


def test_rules_for_cases_are_kept_with_those_of_metrics() -> None:
    rules = parse_all(["improved=fail", "new=pass", "rom_total=1"], where="x")
    assert rules.fails("improved") is True
    assert rules.fails("new") is False
    assert rules.fails("other") is False
    below = rules.under(parse_all(["rom_code=2"], where="x"))
    assert below.fails("improved") is True
    assert set(below.metrics) == {"rom_total", "rom_code"}
