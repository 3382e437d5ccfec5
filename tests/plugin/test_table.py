"""The terminal's table and the collection of records. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_mlbench.records.collect import Collection
from pytest_mlbench.records.columns import find_columns
from pytest_mlbench.records.record import Record
from pytest_mlbench.records.relative import parse_reference, terminal_changes, unmatched
from pytest_mlbench.records.report import csv_file, markdown
from pytest_mlbench.records.report.table import TableView, render


def record(model: str = "aww", *features: str, **more: Any) -> Record:
    params = {
        "model": model,
        "backend": "aot",
        "features": list(features),
        "optimize": "3",
        "target": "spike",
        "isa": "rv32gc",
        "config": {},
        **more.pop("params", {}),
    }
    metrics = {
        "total_cycles": 175_065_985,
        "run_cycles": 175_064_985,
        "rom_code": 113_382,
        "rom_total": 176_042,
        "ram_total": 134_100,
    }
    name = f"{model}-aot-{'+'.join(features) or '_'}-O3{more.pop('suffix', '')}"
    given = {
        "outcome": "passed",
        "metrics": metrics,
        "validation": {"samples": 10, "matched": 10, "reference": "tflm"},
        **more,
    }
    return Record(name, params, **given)


def width(text: str) -> int:
    return max(map(len, text.splitlines()))


def test_one_record() -> None:
    small = record(metrics={"total_cycles": 1_234, "run_cycles": 1_200, "rom_code": 99})
    assert render([small]).splitlines() == [
        "                                Total     Run   ROM",
        "Model  Backend  Features  Opt  Cycles  Cycles  code  Valid",
        "-----  -------  --------  ---  ------  ------  ----  -----",
        "aww    aot      _         3     1,234   1,200    99  10/10",
    ]


@pytest.mark.parametrize(
    "records",
    [
        [record()],
        [record(), record("resnet_twin", "tuned", "dext")],
        [record("a_model_with_a_very_long_name_indeed_v2"), record("b", "tuned", "dext", "more")],
        [
            record("resnet", "tuned", "vext", params={"isa": isa}, suffix=isa)
            for isa in ("rv32gcv_zvl128b", "rv32gcv_zvl1024b")
        ],
    ],
)
def test_it_fits_80_columns(records: list[Record]) -> None:
    text = render(records)
    assert width(text) <= 80
    assert "175,065,985" in text
    assert "10/10" in text


def test_a_wide_terminal_shows_everything() -> None:
    rows = render([record()], width=120).splitlines()
    assert rows[1].split() == [
        *("Model", "Backend", "Features", "Opt", "Cycles", "Cycles", "code", "ROM", "RAM", "Valid")
    ]


def test_a_cut_name_keeps_both_ends() -> None:
    text = render(
        [record("a_model_with_a_very_long_name_that_goes_on_v1"), record("b", "tuned", "dext")]
    )
    assert "…" in text
    assert "_v1 " in text


def test_cut_names_still_tell_rows_apart() -> None:
    rows = [
        record("aww", "tuned", feature, params={"isa": isa}, suffix=isa)
        for feature in ("dext", "vext")
        for isa in ("rv32gcv_zvl128b", "rv32gcv_zvl1028b")
    ]
    extra = {"Cycles change": {row.case: "12.3x faster" for row in rows}}
    lines = render(
        rows, TableView(extra={**extra, "ROM change": {}, "RAM change": {}})
    ).splitlines()
    labels = [tuple(line.split()[:3]) for line in lines[-4:]]
    assert "…" in lines[-1]
    assert len(set(labels)) == 4


def test_isa_is_shown_where_it_tells_rows_apart() -> None:
    rows = [record(params={"isa": isa}, suffix=isa) for isa in ("rv32gc", "rv32imac")]
    assert "rv32imac" in render(rows)
    assert "rv32gc" not in render(rows[:1])


def test_chosen_columns_are_all_shown() -> None:
    columns = find_columns(["case", "Stack Peak", "ram_total", "Outcome"])
    lines = render([record()], TableView(columns=columns)).splitlines()
    assert lines[-1].split() == ["aww-aot-_-O3", "-", "134,100", "passed"]


def test_failed_and_skipped_cases_are_told_with_their_reason_once() -> None:
    rows = [
        record("b", outcome="skipped", reason="no such thing", metrics={}),
        record("a", outcome="skipped", reason="no such thing", metrics={}),
        record("c", outcome="failed", reason="c-aot-_-O3: wrong output " + "word " * 40),
    ]
    text = render(rows)
    assert "SKIPPED b-aot-_-O3, a-aot-_-O3: no such thing" in text
    assert "FAILED c-aot-_-O3: wrong output word" in text
    assert width(text) <= 80
    assert any(line.startswith("c ") for line in text.splitlines())


def test_notes_stand_at_the_foot_once() -> None:
    rows = [record("a", notes=("stand-in",)), record("b", notes=("stand-in",))]
    assert render(rows).splitlines()[-1] == "* stand-in"
    assert render(rows).count("stand-in") == 1


def test_no_records_are_no_table() -> None:
    assert render([]) == ""


def test_equal_records_are_one() -> None:
    found = Collection()
    found.add(record())
    found.add(record())
    assert found.records == (record(),)
    assert found.conflicts == {}


def test_a_build_and_a_run_of_one_case_are_one_record() -> None:
    built = record(metrics={"rom_code": 113_382}, validation={})
    for rows in ((built, record()), (record(), built)):
        found = Collection()
        for row in rows:
            found.add(row)
        assert found.records == (record(),)


def test_a_failure_wins_whatever_the_order() -> None:
    failed = record(outcome="failed", reason="too big")
    skipped = record(outcome="skipped", reason="not today", metrics={}, validation={})
    for rows in ((failed, record(), skipped), (skipped, record(), failed)):
        found = Collection()
        for row in rows:
            found.add(row)
        assert found.records == (failed,)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"metrics": {"rom_code": 1}}, "rom_code 1 and 113382"),
        ({"provenance": {"elf_sha256": "b"}}, "elf_sha256 a and b"),
    ],
)
def test_records_that_disagree_fail_the_case(change: dict[str, Any], message: str) -> None:
    first = record(provenance={"elf_sha256": "a"})
    found = Collection()
    found.add(first)
    found.add(replace(first, **change))
    (row,) = found.records
    assert row.outcome == "failed"
    assert message in row.reason
    assert message in found.conflicts[first.case]


def test_chosen_metrics_keep_what_tells_the_rows_apart() -> None:
    lines = render(
        [record()], TableView(columns=find_columns(["ROM code", "run cycles"]))
    ).splitlines()
    assert lines[1].split() == ["Model", "Backend", "Features", "Opt", "code", "Cycles"]


def test_a_chosen_parameter_is_the_only_one_shown() -> None:
    lines = render([record()], TableView(columns=find_columns(["ROM code", "Model"]))).splitlines()
    assert lines[1].split() == ["code", "Model"]


def test_a_case_that_failed_is_marked_whatever_columns_are_chosen() -> None:
    checked = {"samples": 10, "matched": 3, "reference": "tflm"}
    rows = [record("a"), record("b", outcome="failed", reason="wrong", validation=checked)]
    for view in (TableView(), TableView(columns=find_columns(["Total Cycles"]))):
        lines = render(rows, view).splitlines()
        assert any(line.startswith("b ") and line.endswith("3/10 FAILED") for line in lines)
        assert any(line.startswith("a ") and line.endswith(" 10/10") for line in lines)


def test_a_failed_case_is_no_win() -> None:
    fast = {"total_cycles": 1, "rom_total": 1, "ram_total": 1}
    rows = [
        record("a"),
        record("a", "tuned", metrics=fast, outcome="failed", reason="wrong"),
        record("a", "dext", metrics=fast),
    ]
    reference = parse_reference("features=_")
    cells = terminal_changes(rows, reference, ())["Cycles change"]
    assert set(cells) == {"a-aot-_-O3", "a-aot-dext-O3"}
    failed_reference = parse_reference("features=tuned")
    assert terminal_changes(rows, failed_reference, ())["Cycles change"] == {}
    assert "no case with features=tuned passed" in unmatched(rows, failed_reference)
    assert "3/10" not in csv_file.dumps(rows)
    assert "failed" in csv_file.dumps(rows)
    for columns in ((), ("Total Cycles",)):
        (line,) = [
            line
            for line in markdown.results(rows, columns=columns).splitlines()
            if line.startswith("|") and "FAILED" in line
        ]
        assert line.endswith("10/10 FAILED |")


@pytest.mark.parametrize("name", ["Valid", "valid", "Validation", "samples", "Opt", "Level", "ROM"])
def test_headings_are_column_names(name: str) -> None:
    assert find_columns([name])


def test_what_is_cut_stands_below_in_full_and_a_pipe_is_not_cut() -> None:
    long = "a_model_with_a_very_long_name_indeed_v2"
    rows = [record(long), record("b", "tuned", "dext", "more")]
    text = render(rows)
    assert width(text) <= 80
    assert f": {long}" in text.splitlines()[-1]
    assert "…" not in render(rows, width=1000)


def test_a_reference_fits_80_columns() -> None:
    """The README's own example: two variants of two models, related to one of them."""
    rows = [
        record(model, *features, metrics=dict(record().metrics, total_cycles=cycles))
        for model, cycles in (("aww", 39_199_587), ("resnet", 120_018_292))
        for features in ((), ("tuned",))
    ]
    changes = terminal_changes(rows, parse_reference("features=_"), ())
    text = render(rows, TableView(extra=changes))
    assert width(text) <= 80
    assert "Valid 10/10" in text.splitlines()[0]
    assert "…" not in text
