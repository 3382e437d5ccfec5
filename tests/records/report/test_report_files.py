"""Markdown, CSV, HTML and other tools' formats."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
import synthetic

from pytest_mlbench.errors import UsageError, visible
from pytest_mlbench.records.extension import Run
from pytest_mlbench.records.gate import baseline
from pytest_mlbench.records.relative import parse_reference
from pytest_mlbench.records.report import csv_file, exports, html_report, markdown, profile
from pytest_mlbench.records.report.charts.scale import axis, short
from pytest_mlbench.records.report.charts.scatter import pareto, scatters
from pytest_mlbench.records.report.exports import bencher, github_action, pytest_benchmark
from pytest_mlbench.records.report.write import Writer
from pytest_mlbench.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

EVIL = 'a|b`*_<script>alert("x")</script>&\n# [l](javascript:x) {{ 7*7 }} @you'


def evil() -> Any:
    row = synthetic.record(EVIL)
    symbols = [{**symbol, "name": EVIL, "component": EVIL} for symbol in row.symbols]
    operators = [{**operator, "name": EVIL, "kernel": EVIL} for operator in row.operators]
    return replace(
        row, symbols=tuple(symbols), operators=tuple(operators), components={EVIL: {"rom": 5}},
        notes=(EVIL,), provenance={"toolchain": EVIL, "flags": {EVIL: [EVIL]}},
    )  # fmt: skip


class Page(HTMLParser):
    """Counts elements, checks that they nest, keeps the text of tables and all addresses."""

    VOID = ("meta", "input", "br", "link", "img", "hr")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        assert self.open == [], f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID and tag not in {"circle", "rect", "path"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another"

    def handle_data(self, data: str) -> None:
        if "script" not in self.open and "style" not in self.open:
            self.text.append(data)

    def count(self, tag: str, **attributes: str) -> int:
        return sum(
            name == tag and all(found.get(key) == value for key, value in attributes.items())
            for name, found in self.seen
        )


def test_the_page_needs_nothing_from_outside() -> None:
    text = html_report.page(synthetic.zoo(), reference=parse_reference("features=_"))
    page = Page(text)
    for tag, attributes in page.seen:
        for name in ("src", "href", "xlink:href", "srcset", "action"):
            value = attributes.get(name)
            assert value is None or value.startswith("#"), (tag, value)
    assert "url(" not in text
    assert "@import" not in text
    assert page.count("style") == 1
    data = page.count("script", type="application/json")
    assert page.count("script") == data + 1
    assert "default-src 'none'" in text


def test_the_page_holds_every_part() -> None:
    page = Page(html_report.page(synthetic.zoo(), reference=parse_reference("features=_")))
    ids = {attributes.get("id") for _, attributes in page.seen}
    wanted = {"best", "results", "trade", "roofline", "operators", "memory", "detail", "provenance"}
    assert wanted <= ids
    assert page.count("svg", role="img") == 3, "two models, one machine"
    words = " ".join(page.text)
    assert "3.4x faster" in words
    assert "riscv64-unknown-elf-gcc 12.2.0" in words
    assert re.search(r"Sum\s+1,302,000", words)


def test_the_same_records_give_the_same_page_in_their_order() -> None:
    rows = synthetic.zoo()
    assert html_report.page(rows) == html_report.page(list(rows))
    assert html_report.page(rows) != html_report.page(rows[::-1])


def test_names_cannot_become_markup() -> None:
    failed = replace(synthetic.record("x"), outcome="failed", reason=EVIL, metrics={})
    rows = [evil(), replace(evil(), case="other"), failed]
    page = Page(html_report.page(rows, title=EVIL))
    assert page.count("script") == 1 + page.count("script", type="application/json")
    assert not any(name.startswith("on") for _, attributes in page.seen for name in attributes)
    assert "49" not in re.findall(r"\d+", EVIL)
    assert any("{{ 7*7 }}" in text for text in page.text)


def test_ids_are_unique_and_labels_lead_somewhere() -> None:
    page = Page(html_report.page([*synthetic.zoo(), evil()]))
    ids = [attributes["id"] for _, attributes in page.seen if attributes.get("id")]
    assert len(ids) == len(set(ids))
    for _, attributes in page.seen:
        for name in ("aria-labelledby", "aria-describedby"):
            if attributes.get(name):
                assert attributes[name] in ids
        if str(attributes.get("href", "")).startswith("#"):
            assert str(attributes["href"])[1:] in ids


@pytest.mark.parametrize("count", [0, 1])
def test_few_records_make_a_page_as_well(count: int) -> None:
    Page(html_report.page(synthetic.zoo()[:count]))
    skipped = replace(synthetic.record(), outcome="skipped", reason="why", metrics={})
    assert "why" in " ".join(Page(html_report.page([skipped])).text)


def test_the_pareto_front_is_what_nobody_beats() -> None:
    points = [
        ("a", 10, 5),
        ("b", 5, 10),
        ("c", 10, 10),
        ("d", 7, 7),
        ("e", 5, 11),
        ("f", 7, 7),
        ("g", 8, 7),
    ]
    assert pareto(points) == ["b", "d", "f", "a"]
    assert pareto([]) == []


def test_every_point_lies_inside_its_chart() -> None:
    for chart in scatters(synthetic.zoo()):
        for point in chart.points:
            assert 52 <= point.x <= 366
            assert 14 <= point.y <= 256
        assert len(chart.x.labels) >= 2


@pytest.mark.parametrize("values", [[1], [0], [5, 5], [1, 10**9], [100, 101], [3, 4, 5], [0, 7]])
def test_axes_hold_their_values_and_have_ticks(values: list[float]) -> None:
    made = axis(values, 0, 100)
    assert all(0 <= made.place(value) <= 100 for value in values)
    assert made.ticks
    assert all(0 <= made.place(tick) <= 100 for tick in made.ticks)


def test_ticks_are_short() -> None:
    assert [short(value) for value in (300, 20_000, 1.5e6, 2e9)] == ["300", "20k", "1.5M", "2G"]


def test_markdown_holds_the_numbers_and_the_changes() -> None:
    text = markdown.results(synthetic.zoo(), reference=parse_reference("features=_"))
    assert "| aww | aot | muriscvnn | 3 | 406,120 | 3.4x faster |" in text
    assert "Relative to `features=_`." in text


def test_what_tells_cases_apart_is_shown_in_reports() -> None:
    one = synthetic.record()
    isas = ("rv32gcv_zvl128b", "rv32gcv_zvl512b")
    rows = [
        replace(one, case=f"{one.case}-{isa}", params={**one.params, "isa": isa}) for isa in isas
    ]
    for text in (markdown.results(rows), html_report.page(rows)):
        assert all(isa.replace("_", "\\_") in text or isa in text for isa in isas)
    assert "ISA" in markdown.results(rows)
    assert "ISA" not in markdown.results([one])
    for shown, text in ((True, html_report.page(rows)), (False, html_report.page([one]))):
        (box,) = re.findall(r'<input type="checkbox" id="c\d+"( checked)?> ISA<', text)
        assert bool(box) is shown


def test_markdown_is_not_broken_by_names() -> None:
    text = markdown.results([evil(), synthetic.record()])
    tables = [line for line in text.splitlines() if line.startswith("|")]
    bars = {len(re.findall(r"(?<!\\)\|", line)) for line in tables}
    assert len(bars) == 1
    assert "<script" not in text.replace("\\<script", "")
    assert markdown.code("a`b``c") == "``` a`b``c ```"


def test_csv_reads_back() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_file.dumps([*synthetic.zoo(), evil()]))))
    assert len(rows) == 13
    found = next(row for row in rows if row["case"] == "aww-aot-_-O3")
    assert int(found["run_cycles"]) == 1_400_000
    assert found["samples"] == "10/10"
    assert any(row["model"] == visible(EVIL) for row in rows)


def test_pytest_benchmark_compares_our_export(tmp_path: Path) -> None:
    one, two = tmp_path / "0001_a.json", tmp_path / "0002_b.json"
    exports.write(pytest_benchmark.FORMAT, [synthetic.record()], one)
    exports.write(pytest_benchmark.FORMAT, [synthetic.record(scale=2)], two)
    done = subprocess.run(
        [sys.executable, "-m", "pytest_benchmark", "compare", str(one), str(two),
         "--columns=min", "--group-by=param:metric", f"--csv={tmp_path / 'out.csv'}"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.search(r"aww-aot-_-O3\[run_cycles\] \(.*0002_b\) +2,800,000", done.stdout)
    table = (tmp_path / "out.csv").read_text()
    assert "2800000" in table


def test_github_action_gets_one_file_per_metric(tmp_path: Path) -> None:
    paths = exports.write(github_action.FORMAT, synthetic.zoo(), tmp_path / "charts")
    assert {path.name for path in paths} == set(github_action.files(synthetic.zoo()))
    entries = json.loads((tmp_path / "charts" / "rom_total.json").read_text())
    assert entries[0] == {
        "name": "aww-aot-_-O3",
        "unit": "bytes",
        "value": 4424,
        "extra": "Total ROM",
    }
    assert "macs.json" not in {path.name for path in paths}
    with pytest.raises(UsageError, match="no case passed"):
        exports.write(github_action.FORMAT, [], tmp_path)


def test_bencher_gets_measures_by_case() -> None:
    data = json.loads(bencher.dumps(synthetic.zoo()))
    assert data["aww-aot-_-O3"]["run_cycles"] == {"value": 1_400_000}


def test_exports_leave_out_what_did_not_pass(tmp_path: Path) -> None:
    bad = replace(synthetic.record("bad"), outcome="failed")
    (path,) = exports.write(bencher.FORMAT, [synthetic.record(), bad], tmp_path / "b.json")
    assert list(json.loads(path.read_text())) == ["aww-aot-_-O3"]
    data = json.loads(pytest_benchmark.dumps([synthetic.record()]))
    assert data["benchmarks"][0]["stats"]["outliers"] == "0;0"


def test_the_operators_sum_is_held_against_the_measured_run() -> None:
    text = profile.operator_table(synthetic.record())
    assert "CONV_2D" in text
    assert "2.81" in text
    assert text.splitlines()[-1] == (
        "sum of the operators (first sample) 1,302,000, Run Cycles (mean of the samples) "
        "1,400,000, difference +98,000 (+7 %)"
    )
    unprofiled = profile.operator_table(synthetic.record(profile=False))
    assert "Cycles" not in unprofiled


def test_predictions_are_shown_beside_what_was_measured() -> None:
    record = synthetic.record()
    first, second, *rest = record.operators
    rows = ({**first, "predicted": int(first["instructions"]) * 11 // 10}, second, *rest)
    text = profile.operator_table(replace(record, operators=rows))
    assert text.splitlines()[0].split()[-2:] == ["Predicted", "Off"]
    assert text.splitlines()[2].split()[-3:] == [f"{rows[0]['predicted']:,}", "+10.0", "%"]
    assert text.splitlines()[3].split()[-2:] == ["-", "-"]
    found = profile.prediction(replace(record, operators=rows))
    assert found is not None
    assert (found.count, found.measured) == (1, first["instructions"])
    assert text.splitlines()[-1].startswith(f"predicted for 1 of {found.operators} operators")
    assert profile.prediction(record) is None


def test_a_baseline_keeps_no_predictions() -> None:
    record = synthetic.record()
    rows = tuple({**row, "predicted": 5} for row in record.operators)
    text = baseline.dumps([replace(record, operators=rows)])
    assert "predicted" not in text
    assert text == baseline.dumps([record])


def test_components_and_symbols_as_tables() -> None:
    table = profile.component_table(synthetic.record())
    assert re.search(r"^sum +4,408 +16,000$", table, re.MULTILINE)
    symbols = profile.symbol_table(synthetic.record(), limit=2)
    assert symbols.splitlines()[2].split() == ["2,560", "weights_0", "model", ".rodata"]
    assert symbols.endswith("and 3 more of 1,036 bytes together")


def test_the_writer_writes_what_is_asked_for_and_appends_to_a_step_summary(tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("another step\n")
    extra = {
        "html": tmp_path / "a" / "r.html",
        "markdown": tmp_path / "r.md",
        "csv": tmp_path / "r.csv",
        "export": (("bencher", tmp_path / "b.json"),),
    }
    run = Run(tuple(synthetic.zoo()), Settings(extra=extra), formats={"bencher": bencher.FORMAT})
    writer = Writer(environment={"GITHUB_STEP_SUMMARY": str(summary)})
    (section,) = writer.finish(run)
    assert [line.rpartition("/")[2] for line in section.text.splitlines()] == [
        "r.md", "r.csv", "r.html", "b.json",
    ]  # fmt: skip
    assert summary.read_text().startswith("another step\n## Benchmarks\n")
    assert list(Writer(environment={}).finish(Run((), Settings()))) == []


def test_a_path_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    run = Run(tuple(synthetic.zoo()), Settings(extra={"csv": tmp_path / "file" / "r.csv"}))
    (section,) = Writer(environment={}).finish(run)
    assert section.failed
    assert "r.csv: cannot write it" in section.text


def test_a_report_that_cannot_be_written_does_not_cost_the_others(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    extra = {"markdown": tmp_path / "file" / "r.md", "csv": tmp_path / "r.csv"}
    run = Run(tuple(synthetic.zoo()), Settings(json=tmp_path / "r.json", extra=extra))
    failed, written = Writer(environment={}).finish(run)
    assert failed.failed
    assert written.text.splitlines() == [str(tmp_path / "r.json"), str(tmp_path / "r.csv")]


def test_a_part_of_a_run_says_how_much_it_is(tmp_path: Path) -> None:
    run = Run(tuple(synthetic.zoo()), Settings(json=tmp_path / "r.json"), selected=99)
    (written,) = Writer(environment={}).finish(run)
    assert written.text.startswith(f"{len(synthetic.zoo())} of 99 cases")
