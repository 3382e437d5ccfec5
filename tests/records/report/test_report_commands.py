"""`python -m pytest_mlbench compare | merge | export | report`, by their exit status and text."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import synthetic

from pytest_mlbench.__main__ import main
from pytest_mlbench.records import record
from pytest_mlbench.records.gate import baseline

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pytest_mlbench.records.record import Record


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def save(path: Path, records: Iterable[Record]) -> str:
    path.write_text(record.dumps(records))
    return str(path)


def test_compare_exits_by_what_it_finds(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = save(here / "a.json", synthetic.zoo())
    assert main(["compare", old, old]) == 0
    assert capsys.readouterr().out == "12 cases: 12 equal\n"

    worse = [synthetic.grown(synthetic.zoo()[0], "mlbench_conv2d", 2), *synthetic.zoo()[1:]]
    new = save(here / "b.json", worse)
    assert main(["compare", old, new]) == 1
    out = capsys.readouterr().out
    assert "aww-aot-_-O3: ROM code was 1,848, is 1,850: +2" in out
    assert "+2 bytes  kernels .text mlbench_conv2d: 812 -> 814" in out

    allowed = ["--tolerance", "rom_total=2", "--tolerance", "ROM code=2"]
    assert main(["compare", old, new, *allowed]) == 0
    assert main(["compare", new, old]) == 0
    assert "1 improved" in capsys.readouterr().out


def test_compare_reads_baselines_too(here: Path) -> None:
    path = here / "baseline.yaml"
    path.write_text(baseline.dumps(synthetic.zoo()))
    assert main(["compare", str(path), save(here / "a.json", synthetic.zoo())]) == 0
    slower = save(here / "b.json", [synthetic.record(scale=1.1)])
    assert main(["compare", str(path), slower]) == 1


def test_compare_prints_markdown(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = save(here / "a.json", synthetic.zoo())
    new = save(here / "b.json", [synthetic.record(scale=1.1), synthetic.record("vww")])
    assert main(["compare", "--markdown", old, new]) == 1
    out = capsys.readouterr().out
    assert "| aww-aot-\\_-O3 | Run Cycles | 1,400,000 | 1,540,000 | +10.0 % | worse |" in out
    assert "- `vww-aot-_-O3`: not in the baseline yet" in out
    assert "<details><summary>aww-aot-\\_-O3: causes</summary>" in out


def test_strict_compare_fails_for_what_it_cannot_compare(here: Path) -> None:
    rows = synthetic.zoo()
    old = save(here / "a.json", rows)
    other = replace(rows[0], provenance={**rows[0].provenance, "toolchain": "gcc 13"})
    new = save(here / "b.json", [other, *rows[1:]])
    assert main(["compare", old, new]) == 0
    assert main(["compare", "--strict", old, new]) == 1
    fewer = save(here / "c.json", rows[1:])
    assert main(["compare", old, fewer]) == 0
    assert main(["compare", "--strict", old, fewer]) == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot read it: No such file"),
        ("", "no table of 'cases'"),
        ("{", "not a JSON file"),
        ('{"schema": 2, "records": []}', "schema 2, expected 1"),
        ('{"schema": 1, "records": [1]}', "not a record"),
        ('{"schema": 1, "records": {}}', "no list of 'records'"),
    ],
)
def test_mistakes_exit_2_with_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], content: str | None, says: str
) -> None:
    old = save(here / "a.json", synthetic.zoo())
    bad = here / "bad.txt"
    if content is not None:
        bad.write_text(content)
    assert main(["compare", old, str(bad)]) == 2
    err = capsys.readouterr().err
    assert says in err
    assert str(bad) in err or "not a record" in err
    assert err.count("\n") == 1


def test_a_case_that_stands_twice_is_refused(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = synthetic.record().to_dict()
    (here / "a.json").write_text(json.dumps({"schema": 1, "records": [row, row]}))
    assert main(["compare", "a.json", "a.json"]) == 2
    assert "is in it twice" in capsys.readouterr().err


def test_shards_merge_to_the_bytes_of_one_run(here: Path) -> None:
    rows = synthetic.zoo()
    whole = save(here / "whole.json", rows)
    shards = [save(here / f"{n}.json", rows[n::3]) for n in range(3)]
    assert main(["merge", *shards[::-1], "-o", "merged.json"]) == 0
    assert (here / "merged.json").read_bytes() == (here / whole).read_bytes()
    # The same case twice with the same result is no conflict.
    assert main(["merge", whole, *shards, "-o", "again.json"]) == 0
    assert (here / "again.json").read_bytes() == (here / whole).read_bytes()


def test_conflicting_shards_are_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = save(here / "1.json", [synthetic.record()])
    two = save(here / "2.json", [synthetic.record(metrics={"rom_total": 5})])
    assert main(["merge", one, two, "-o", "out.json"]) == 2
    err = capsys.readouterr().err
    assert "1.json and" in err
    assert "rom_total is 4424 and 5" in err
    assert not (here / "out.json").exists()


def test_report_and_export_write_files(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = save(here / "a.json", synthetic.zoo())
    arguments = ["--html", "r.html", "--csv", "r.csv", "--markdown", "r.md"]
    assert main(["report", results, *arguments, "--reference", "features=_"]) == 0
    assert capsys.readouterr().out.split() == ["r.html", "r.md", "r.csv"]
    assert "3.4x faster" in (here / "r.html").read_text()
    assert main(["report", results, "--columns", "model,ROM", "--sort=-rom_total"]) == 0
    assert "| Model | Total ROM |" in capsys.readouterr().out
    assert main(["report", results, "--columns", "romm"]) == 2
    assert main(["export", "github-action", results, "charts"]) == 0
    assert (here / "charts" / "run_cycles.json").exists()
