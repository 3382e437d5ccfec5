from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import synthetic
from hypothesis import given
from hypothesis import strategies as st

from pytest_mlbench.records.gate import attribute
from pytest_mlbench.records.gate.compare import compare, compare_all
from pytest_mlbench.records.gate.sentences import causes, details, sentence
from pytest_mlbench.records.gate.summary import counts, summary
from pytest_mlbench.records.gate.tolerance import parse_all
from pytest_mlbench.records.metrics import METRICS


def provenance(**changes: Any) -> Any:
    before = synthetic.record()
    return replace(before, provenance={**before.provenance, **changes})


def test_equal_records_are_equal_and_silent() -> None:
    found = compare(synthetic.record(), synthetic.record())
    assert found.state == "equal"
    assert {change.verdict for change in found.changes} == {"equal"}
    assert details(found) == ""


@given(
    st.sampled_from([key for key, metric in METRICS.items() if metric.better]),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
)
def test_any_growth_of_any_metric_regresses_at_tolerance_zero(key: str, was: int, now: int) -> None:
    old = synthetic.record(metrics={key: was})
    new = synthetic.record(metrics={key: now})
    expected = "regressed" if now > was else "improved" if now < was else "equal"
    found = compare(old, new)
    assert found.state == expected
    if now != was:
        assert (
            f"was {was:,}, is {now:,}" in sentence(found)
            or "instructions" in key
            or (METRICS[key].unit == "milli")
        )


def test_a_tolerance_allows_exactly_so_much() -> None:
    rules = parse_all(["rom_total=4"], where="x")
    old = synthetic.record()
    by_four = replace(old, metrics={**old.metrics, "rom_total": old.metrics["rom_total"] + 4})
    by_five = replace(old, metrics={**old.metrics, "rom_total": old.metrics["rom_total"] + 5})
    assert compare(old, by_four, rules).state == "changed"
    assert "within the 4 allowed" in sentence(compare(old, by_four, rules))
    assert compare(old, by_five, rules).state == "regressed"


@pytest.mark.parametrize(("growth", "state"), [(15_658, "changed"), (15_659, "regressed")])
def test_a_percentage_is_not_rounded_in_favour_of_growth(growth: int, state: str) -> None:
    old = synthetic.record(metrics={"run_cycles": 15_658_993})
    new = synthetic.record(metrics={"run_cycles": 15_658_993 + growth})
    assert compare(old, new, parse_all(["run_cycles=0.1%"], where="x")).state == state


def test_the_sentence_says_all_that_is_needed() -> None:
    old = synthetic.record(metrics={"run_cycles": 7_355_800})
    new = synthetic.record(metrics={"run_cycles": 7_455_800})
    assert sentence(compare(old, new), "pytest --mlbench-save") == (
        "Run Cycles was 7,355,800, is 7,455,800: +100,000 (+1.4 %), allowed 0; "
        "accept it with: pytest --mlbench-save"
    )


def test_the_sentence_counts_the_other_metrics() -> None:
    grown = synthetic.grown(synthetic.record(), "mlbench_conv2d", 4)
    deeper = replace(grown, metrics={**grown.metrics, "stack_peak": 1000})
    found = compare(synthetic.record(), deeper)
    assert "ROM code was 1,848, is 1,852: +4 (+0.2 %)" in sentence(found)
    assert "1 more metric got worse" in sentence(found)


def test_one_cause_is_told_once() -> None:
    """Every metric that counts an instruction sees one more; the finding is one."""
    slower = synthetic.record(scale=1.5)
    found = compare(synthetic.record(), slower)
    assert len(found.having("worse")) > 3
    assert [change.metric for change in found.causes("worse")] == ["run_cycles"]
    assert "more metric" not in sentence(found)
    assert details(found).split("Operators")[0].count(" was ") == 1


def test_a_tiny_change_is_never_rounded_to_nothing() -> None:
    old, new = (synthetic.record(metrics={"run_cycles": count}) for count in (10**9, 10**9 + 1))
    assert "+1 (+0.0000001 %)" in sentence(compare(old, new)) or "<0.000001" in sentence(
        compare(old, new)
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"toolchain": "gcc 13.2.0"}, "toolchain was riscv64-unknown-elf-gcc 12.2.0, is gcc 13.2"),
        ({"spike": "other"}, "simulator was spike 1.1.1-dev, is other"),
        ({"model_sha256": "00"}, "model was abab"),
        ({"libraries": {"reference": "0.2.0"}}, "library reference was 0.1.0, is 0.2.0"),
    ],
)
def test_what_differs_outside_the_code_is_not_compared(changes: Any, says: str) -> None:
    worse = replace(provenance(**changes), metrics={"run_cycles": 10**9})
    found = compare(synthetic.record(), worse)
    assert found.state == "incomparable"
    assert says in sentence(found)


def test_another_isa_is_not_compared() -> None:
    old = synthetic.record()
    new = replace(old, params={**old.params, "isa": "rv32gcv"})
    assert "ISA was rv32gc, is rv32gcv" in sentence(compare(old, new))


def test_flags_and_local_libraries_are_code_under_test() -> None:
    old = synthetic.record()
    flags = provenance(flags={"kernels": ["-O3", "-fno-inline"], "model": ["-O3"]})
    found = compare(old, replace(flags, metrics={**old.metrics, "run_cycles": 10**9}))
    assert found.state == "regressed"
    assert "  kernels: -O3 -> -O3 -fno-inline" in causes(found)
    local = provenance(libraries={"reference": "local v6.0.0-3-gabc-dirty"})
    assert compare(old, local).state == "equal"
    fallback = provenance(libraries={"reference": "0.1.0", "tuned": "0.1.0"})
    assert compare(old, fallback).state == "equal"


def test_growth_is_attributed_to_symbol_component_and_operator() -> None:
    old = synthetic.record()
    new = synthetic.grown(old, "mlbench_depthwise", 12)
    operators = [dict(row) for row in new.operators]
    operators[1]["cycles"] += 5_000
    cycles = {**new.metrics, "run_cycles": new.metrics["run_cycles"] + 5_000}
    found = compare(old, replace(new, operators=tuple(operators), metrics=cycles))
    text = details(found)
    assert "  +12 bytes  kernels .text mlbench_depthwise: 640 -> 652" in text
    assert "  +12 bytes  kernels ROM: 1,452 -> 1,464" in text
    assert "  +5,000 cycles  1 DEPTHWISE_CONV_2D 1x25x5x64: 400,000 -> 405,000" in text
    assert "mlbench_conv2d" not in text


def test_the_biggest_growth_comes_first_and_new_symbols_are_named() -> None:
    old = synthetic.record()
    new = synthetic.grown(synthetic.grown(old, "_start", 2), "mlbench_invoke", 20)
    extra = {"component": "libc", "section": ".text", "name": "memcpy", "size": 60}
    new = replace(new, symbols=(*new.symbols, extra))
    assert [shift.name for shift in attribute.symbols(old, new)] == [
        "libc .text memcpy",
        "model .text mlbench_invoke",
        "runtime .text _start",
    ]
    assert "  +60 bytes  libc .text memcpy: new -> 60" in causes(
        compare(old, replace(new, metrics={**new.metrics, "rom_total": 10**6}))
    )


def test_a_bigger_stack_frame_is_attributed() -> None:
    frames = {"mlbench_conv2d": 64}
    rows = [{**row, "stack": frames.get(row["name"], 16)} for row in synthetic.record().symbols]
    old = synthetic.record(symbols=tuple(rows))
    new = synthetic.grown(old, "mlbench_conv2d", 32, field="stack")
    found = compare(old, replace(new, metrics={**new.metrics, "stack_peak": 544}))
    assert found.state == "regressed"
    assert "  +32 bytes  kernels .text mlbench_conv2d: 64 -> 96" in causes(found)


def test_static_symbols_of_one_name_are_summed() -> None:
    twice = [*synthetic.record().symbols, synthetic.record().symbols[0]]
    old = synthetic.record(symbols=tuple(twice))
    assert attribute.symbols(old, synthetic.record())[0].change == -812


def test_an_improvement_is_told_and_named() -> None:
    found = compare(synthetic.record(), synthetic.grown(synthetic.record(), "_start", -6))
    assert found.state == "improved"
    assert "ROM code was 1,848, is 1,842: -6" in sentence(found)
    assert "Symbols that shrank most:" in details(found)


def test_without_profiles_the_way_to_operators_is_named() -> None:
    old = synthetic.record(profile=False)
    found = compare(old, synthetic.record(scale=2.0, profile=False))
    assert "--mlbench-profile" in details(found)


def test_what_was_not_measured_is_no_improvement() -> None:
    old = synthetic.record()
    sizes = {key: value for key, value in old.metrics.items() if "cycles" not in key}
    found = compare(old, replace(old, metrics=sizes))
    assert found.state == "equal"
    assert "Not measured this time: Setup Cycles, Run Cycles" in summary([found])


def test_partial_runs_leave_the_rest_alone() -> None:
    old = synthetic.zoo()
    new = [replace(old[0], outcome="skipped", reason="no toolchain"), synthetic.record("vww")]
    found = compare_all(old, new, selected=[row.case for row in new])
    assert [(row.case, row.state) for row in found] == [
        (old[0].case, "missing"),
        ("vww-aot-_-O3", "new"),
    ]
    assert "in the baseline, but skipped: no toolchain" in summary(found)
    everything = compare_all(old, new)
    assert sum(row.state == "missing" for row in everything) == len(old)


def test_the_summary_names_every_state_once() -> None:
    old = synthetic.zoo()
    new = [
        synthetic.record(scale=1.5),
        replace(old[1], provenance={**old[1].provenance, "toolchain": "gcc 13"}),
        replace(old[2], provenance={**old[2].provenance, "toolchain": "gcc 13"}),
        replace(old[3], outcome="failed", reason="sample 3 differs"),
        *old[4:],
    ]
    text = summary(compare_all(old, new), ["other"], command="pytest --mlbench-save")
    assert text.splitlines()[0] == ("12 cases: 1 regressed, 1 failed, 2 not comparable, 8 equal")
    assert f"{old[1].case}, {old[2].case}" in text or f"{old[2].case}, {old[1].case}" in text
    assert "in the baseline, but failed: sample 3 differs" in text
    assert "Not in this run: other" in text
    assert text.endswith("Accept all of it with: pytest --mlbench-save")
    assert counts([]) == "0 cases: none"
