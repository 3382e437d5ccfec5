from __future__ import annotations

from fractions import Fraction

import pytest
import synthetic
from hypothesis import given
from hypothesis import strategies as st

from pytest_mlbench.errors import UsageError
from pytest_mlbench.records.gate.compare import compare
from pytest_mlbench.records.gate.tolerance import (
    NONE,
    Rule,
    Rules,
    Tolerance,
    allowance,
    parse,
    parse_all,
)


def one(text: str) -> Tolerance:
    return parse(text, where="x").tolerance


def test_absolute_and_relative_amounts() -> None:
    assert parse("rom_total=64", where="x") == Rule(("rom_total",), Tolerance(Fraction(64)))
    assert parse("Run Cycles = 2 %", where="x").metrics == ("run_cycles",)
    assert one("Run Cycles = 2 %") == Tolerance(Fraction(2), True)
    assert one("rom-total=0.5%").allowed(1000) == 5


def test_a_percentage_is_exact_in_fractions() -> None:
    # 0.1 % of 15,658,993 is 15,658.993: 15,658 more is allowed, 15,659 is not.
    assert 15_658 <= one("run_cycles=0.1%").allowed(15_658_993) < 15_659


def test_unknown_metric_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"unknown metric 'rom_totl'. Did you mean 'rom_total'\?"):
        parse("rom_totl=3", where="--mlbench-tolerance")


@pytest.mark.parametrize(
    "text",
    [
        *("run_cycles", "run_cycles=", "run_cycles=-1", "run_cycles=1%%", "run_cycles=nan", "=3"),
        *("new=maybe", "improved=1%", "nothing_*=1", "cycles=x"),
    ],
)
def test_malformed_rules_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="somewhere"):
        parse(text, where="somewhere")


def test_a_fact_of_the_model_has_no_tolerance() -> None:
    with pytest.raises(UsageError, match="MACs is a fact of the model"):
        parse("macs=1", where="x")
    assert "macs" not in parse("all=1", where="x").metrics


@given(st.text(max_size=30))
def test_any_text_is_parsed_or_refused_in_a_sentence(text: str) -> None:
    try:
        rule = parse(text, where="option")
    except UsageError as error:
        assert str(error).startswith("option: ")  # noqa: PT017
    else:
        for key in rule.metrics:
            assert (
                parse(f"{key}={rule.tolerance.as_written}", where="x").tolerance == rule.tolerance
            )


def test_groups_and_patterns_stand_for_several() -> None:
    cycles = parse("cycles=1", where="x").metrics
    assert {"setup_cycles", "run_cycles", "run_cycles_max", "total_cycles"} <= set(cycles)
    assert not any("instructions" in key or "rom" in key for key in cycles)
    assert set(parse("rom=1", where="x").metrics) == {
        *("rom_code", "rom_rodata", "rom_misc", "rom_total")
    }
    assert parse("run_cycles*=1", where="x").metrics == (
        *("run_cycles", "run_cycles_min", "run_cycles_max"),
    )


def test_a_metrics_own_rule_goes_before_a_groups_whatever_their_order() -> None:
    for texts in (["rom_total=0", "all=10"], ["all=10", "rom_total=0"]):
        rules = parse_all(texts, where="x")
        assert rules.of("rom_total", {}) == NONE
        assert rules.of("ram_total", {}) == Tolerance(Fraction(10))


def test_the_mark_wins_over_the_run_and_the_rest_is_zero() -> None:
    rules = parse_all(["run_cycles=5%", "rom_total=10", "new=fail"], where="x")
    mark = parse_all(["run_cycles=1%", "new=pass"], where="mark")
    both = rules.under(mark)
    assert both.of("run_cycles", {}) == Tolerance(Fraction(1), True)
    assert both.of("rom_total", {}) == Tolerance(Fraction(10))
    assert both.of("ram_total", {}) == NONE
    assert rules.fails("new")
    assert not both.fails("new")
    assert not rules.fails("improved")


def test_of_two_rules_for_one_metric_the_last_counts() -> None:
    assert parse_all(["rom_total=10", "Total ROM=0"], where="x").of("rom_total", {}) == NONE


def test_what_follows_a_metric_is_allowed_what_it_is() -> None:
    was = {"setup_cycles": 6, "run_cycles": 1000, "run_instructions": 900, "total_cycles": 1006}
    rules = parse_all(["run_cycles=2%"], where="x")
    for key in ("run_cycles_min", "run_cycles_max", "run_instructions", "run_instructions_max"):
        assert rules.of(key, was) == Tolerance(Fraction(2), True), key
    assert rules.of("total_cycles", was) == Tolerance(Fraction(20))
    assert rules.of("setup_cycles", was) == NONE
    both = parse_all(["rom_code=10", "rom_rodata=5"], where="x")
    assert both.of("rom_total", {"rom_code": 9, "rom_rodata": 9}) == Tolerance(Fraction(15))


def test_a_slower_run_within_its_tolerance_fails_nothing() -> None:
    old, new = synthetic.record(), synthetic.record(scale=1.01)
    assert compare(old, new).state == "regressed"
    for rule in ("run_cycles=2%", "run_cycles=999999"):
        found = compare(old, new, parse_all([rule], where="x"))
        assert found.state == "changed", rule
    assert compare(old, new, parse_all(["run_cycles=0.5%"], where="x")).state == "regressed"
    assert compare(old, new, parse_all(["rom=9%"], where="x")).state == "regressed"


def test_allowances_are_spelled_with_what_they_amount_to() -> None:
    assert allowance("run_cycles", NONE, 100) == "0"
    assert allowance("rom_total", Tolerance(Fraction(64)), 100) == "64"
    assert allowance("run_cycles", Tolerance(Fraction(2), True), 7_355_800) == "2 % (147,116)"


def test_no_rule_fails_a_case_that_is_new_or_improved() -> None:
    assert not Rules().fails("new")
    assert not Rules().fails("improved")
