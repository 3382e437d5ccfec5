from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mlbench.errors import UserMistake
from pytest_mlbench.records.gate.tolerance import (
    NONE,
    Tolerance,
    allowance,
    parse,
    parse_all,
    parse_mark,
    resolve,
)


def test_absolute_and_relative_amounts() -> None:
    assert parse("rom_total=64", where="x") == ("rom_total", Tolerance(Fraction(64)))
    assert parse("Run Cycles = 2 %", where="x") == ("run_cycles", Tolerance(Fraction(2), True))
    assert parse("rom-total=0.5%", where="x")[1].allowed(1000) == 5


def test_a_percentage_is_exact_in_fractions() -> None:
    # 0.1 % of 15,658,993 is 15,658.993: 15,658 more is allowed, 15,659 is not.
    allowed = parse("run_cycles=0.1%", where="x")[1].allowed(15_658_993)
    assert 15_658 <= allowed < 15_659


def test_unknown_metric_is_refused_with_the_nearest() -> None:
    with pytest.raises(UserMistake, match=r"unknown metric 'rom_totl'. Did you mean 'rom_total'\?"):
        parse("rom_totl=3", where="--mlbench-tolerance")


@pytest.mark.parametrize(
    "text", ["run_cycles", "run_cycles=", "run_cycles=-1", "run_cycles=1%%", "run_cycles=nan", "=3"]
)
def test_malformed_amounts_are_refused(text: str) -> None:
    with pytest.raises(UserMistake, match="somewhere"):
        parse(text, where="somewhere")


def test_a_fact_of_the_model_has_no_tolerance() -> None:
    with pytest.raises(UserMistake, match="MACs is a fact of the model"):
        parse("macs=1", where="x")


@given(st.text(max_size=30))
def test_any_text_is_parsed_or_refused_in_a_sentence(text: str) -> None:
    try:
        key, tolerance = parse(text, where="option")
    except UserMistake as error:
        assert str(error).startswith("option: ")  # noqa: PT017
    else:
        assert parse(f"{key}={tolerance.spelled}", where="option") == (key, tolerance)


def test_the_mark_wins_over_the_run_and_the_rest_is_zero() -> None:
    rules = parse_all(["run_cycles=5%", "rom_total=10"], where="x")
    mark = parse_mark({"run_cycles": "1%"}, where="mark")
    resolved = resolve(rules, mark)
    assert resolved["run_cycles"] == Tolerance(Fraction(1), True)
    assert resolved["rom_total"] == Tolerance(Fraction(10))
    assert resolved["ram_total"] == NONE
    assert "macs" not in resolved


def test_of_two_rules_for_one_metric_the_last_counts() -> None:
    assert parse_all(["rom_total=10", "Total ROM=0"], where="x")["rom_total"] == NONE


@pytest.mark.parametrize("value", [3, [3], None, {"rom_total": True}])
def test_a_mark_of_the_wrong_form_is_refused(value: object) -> None:
    with pytest.raises(UserMistake, match="mark"):
        parse_mark(value, where="mark")


def test_allowances_are_spelled_with_what_they_amount_to() -> None:
    assert allowance("run_cycles", NONE, 100) == "0"
    assert allowance("rom_total", Tolerance(Fraction(64)), 100) == "64"
    assert allowance("run_cycles", Tolerance(Fraction(2), True), 7_355_800) == "2 % (147,116)"
