"""What the HTML page holds: winners, failed cases, matrices, memory, the data of each case."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace

import pytest
import synthetic

from pytest_mlbench.options import energy
from pytest_mlbench.records.columns import order
from pytest_mlbench.records.relative import parse_reference, partners
from pytest_mlbench.records.report import html_report
from pytest_mlbench.records.report.charts.best import best
from pytest_mlbench.records.report.charts.detail import details
from pytest_mlbench.records.report.charts.labels import labels, labels_by_machine
from pytest_mlbench.records.report.charts.matrix import LEVELS, heat, matrices
from pytest_mlbench.records.report.charts.memory import memories, parts
from pytest_mlbench.records.report.charts.roofline import rooflines, work
from pytest_mlbench.records.report.charts.scatter import scatters
from pytest_mlbench.records.report.clock import microjoules, milliseconds, with_energy
from pytest_mlbench.records.report.overview import overview, short

ARENA = (
    {"name": "input 0", "kind": "tensor", "offset": 0, "size": 490, "first": 0, "last": 1},
    {"name": "0 CONV_2D", "kind": "tensor", "offset": 512, "size": 8000, "first": 1, "last": 2},
    {"name": "scratch of 1 X", "kind": "scratch", "offset": 0, "size": 64, "first": 2, "last": 2},
)


def failed(record: synthetic.Record) -> synthetic.Record:
    """The same, twice as fast, but wrong."""
    metrics = {key: value // 2 for key, value in record.metrics.items()}
    return replace(record, outcome="failed", reason="output 0 differs", metrics=metrics)


def test_a_case_that_failed_is_never_the_best() -> None:
    zoo = synthetic.zoo()
    fast = min(zoo[:6], key=lambda row: row.metrics["total_cycles"])
    rows = [failed(row) if row is fast else row for row in zoo]
    for found in best(rows, {}):
        assert fast.case not in {case for winner in found.winners for case in winner.cases}
    assert next(found for found in best(rows, {}) if found.model == "aww").passed == 5
    points = {point.case for chart in scatters(rows) for point in chart.points}
    assert fast.case not in points
    assert fast.case not in {case for found in matrices(rows) for case in found.cases}
    text = html_report.page(rows, reference=parse_reference("features=_"))
    line = re.search(
        rf'<tr class="failed"[^>]*><th scope="row">{re.escape(fast.case)}.*?</tr>', text
    )
    assert line
    assert "x faster" not in line[0]
    assert 'class="badge failed">failed</b> 10/10</td>' in line[0]
    assert 'class="w"' not in line[0]


def test_a_failed_case_is_no_reference_either() -> None:
    zoo = synthetic.zoo()
    rows = [failed(row) if row.case == "aww-aot-_-O3" else row for row in zoo]
    text = html_report.page(rows, reference=parse_reference("features=_"))
    line = re.search(r'<th scope="row">aww-aot-muriscvnn-O3.*?</tr>', text)
    assert line
    assert "<small>" not in line[0]


def test_winners_have_numbers_ties_and_the_reference() -> None:
    zoo = synthetic.zoo()
    against = partners(zoo, parse_reference("features=_"))
    aww = next(found for found in best(zoo, against) if found.model == "aww")
    cycles, rom, _ = aww.winners
    assert cycles.value == 406_120
    assert cycles.cases == ("aww-aot-muriscvnn-O3",)
    assert cycles.change == "3.4x faster"
    assert len(rom.cases) == 6
    assert rom.change == ""


def test_labels_name_what_differs_and_no_more() -> None:
    zoo = synthetic.zoo()
    assert labels(zoo)["aww-aot-_-O3"] == "no features O3"
    assert labels([zoo[0]])[zoo[0].case] == "no features"
    one = synthetic.record(features=("tuned",))
    other = replace(
        one, case=f"{one.case}-rv32gcv", params={**one.params, "isa": "rv32gcv_zvl256b"}
    )
    assert list(labels([one, other]).values()) == ["tuned rv32gc", "tuned rv32gcv_zvl256b"]
    assert len(set(labels([one, other], level=False).values())) == 2


def test_the_matrix_holds_every_operator_of_every_case() -> None:
    zoo = synthetic.zoo()
    for found in matrices(zoo):
        assert [line.name for line in found.lines] == ["CONV_2D", "DEPTHWISE_CONV_2D", "SOFTMAX"]
        assert all(len(line.cells) == len(found.cases) == 6 for line in found.lines)
        assert found.counted
        first = found.lines[0].cells[found.cases.index(f"{found.model}-aot-_-O3")]
        assert first is not None
        assert first.value == 900_000
    (unprofiled,) = matrices([synthetic.record(profile=False)])
    assert not unprofiled.counted
    assert unprofiled.sums == (None,)


@pytest.mark.parametrize(
    ("value", "expected"), [(0, 0), (1, 0), (900, 0), (1_000_000, LEVELS - 1), (500_000, 7)]
)
def test_heat_grows_with_cycles(value: int, expected: int) -> None:
    assert heat(value, 1_000_000) == expected
    assert heat(5, 0) == 0


def test_weights_stand_apart_from_code_and_nothing_is_lost() -> None:
    record = synthetic.record()
    found = parts(record, "rom")
    assert found == {"kernels code": 1452, "weights": 2560, "model code": 300, "runtime code": 96}
    assert sum(found.values()) == sum(row["rom"] for row in record.components.values())
    assert parts(record, "ram") == {"arena": 16_000}
    fewer = replace(record, symbols=record.symbols[1:])
    assert parts(fewer, "rom")["kernels"] == 1452
    for memory in memories(synthetic.zoo(), "rom"):
        assert max(sum(s.width for s in stack.segments) for stack in memory.stacks) <= 100.1


def test_the_data_of_each_case_reads_back() -> None:
    rows = order(replace(row, arena=ARENA) for row in synthetic.zoo())
    text = html_report.page(rows)
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    data = json.loads(found[1])
    assert [case for case, _, _ in data["cases"]] == [row.case for row in rows]
    flat = data["symbols"][0]
    assert sum(flat[2::3]) == sum(row["size"] for row in rows[0].symbols)
    assert len(data["plans"]) == 1, "one plan, however many cases share it"
    assert data["plans"][0]["peak"] == 8512
    assert set(data["arena"]) == {0}
    assert details([replace(rows[0], symbols=(), arena=())], {})["cases"] == []


def test_a_clock_gives_milliseconds_where_cycles_are_those_of_hardware() -> None:
    assert milliseconds(1_400_000, 100_000_000) == "14.000"
    assert milliseconds(5, 100_000_000) == "5e-05"
    assert milliseconds(None, 1) == "-"
    counted = synthetic.record(metrics={"run_millicycles_per_instruction": 1800})
    text = html_report.page([counted, synthetic.record("vww")], clock=100_000_000)
    assert "Run ms at 100 MHz" in text
    assert text.count(">14.000<") == 1, "Spike counts instructions: no time follows from them"
    assert "14.000 ms" in text
    assert "Run ms" not in html_report.page([counted])
    assert "Run ms" not in html_report.page(synthetic.zoo(), clock=100_000_000)


def test_machines_are_not_mixed() -> None:
    one = synthetic.record()
    other = synthetic.record(scale=0.1)
    other = replace(other, case=f"{one.case}-core", params={**other.params, "target": "core"})
    found = best([one, other], {})
    assert [row.model for row in found] == ["aww on core", "aww on spike"]
    assert [row.winners[0].value for row in found] == [140_120, 1_400_120]
    assert [row.model for row in matrices([one, other])] == ["aww on core", "aww on spike"]


def test_winners_of_a_machine_do_not_repeat_its_name() -> None:
    one = synthetic.record(features=("tuned",))
    core = {**one.params, "target": "core", "isa": "rv32imc"}
    other = replace(one, case=f"{one.case}-core", params=core)
    assert labels([one, other])[other.case] == "tuned rv32imc"
    assert labels_by_machine([one, other]) == {one.case: "tuned", other.case: "tuned"}
    assert '<span class="who">tuned</span>' in html_report.page([one, other])


def test_the_terminal_shows_one_matrix_for_each_model() -> None:
    text = overview(synthetic.zoo(), 80)
    assert all(len(line) <= 80 for line in text.splitlines())
    assert len(text.splitlines()) < 60
    assert "900k" in text
    assert text.count("0 CONV_2D") == 2
    assert overview([synthetic.record(profile=False)]) == ""
    one = overview([synthetic.record()])
    assert "sum of the operators (first sample) 1,302,000" in one
    narrow = overview(synthetic.zoo(), 40)
    assert narrow.count("0 CONV_2D") > 2
    assert [short(n) for n in (None, 7, 1234, 99_960, 12_345_678)] == [
        "-", "7", "1.23k", "100k", "12.3M",
    ]  # fmt: skip


def test_a_failed_case_has_no_column_in_the_terminal() -> None:
    zoo = synthetic.zoo()[:6]
    text = overview([failed(zoo[0]), *zoo[1:]])
    assert f"{zoo[0].case} did not pass: it has no column" in text


def test_a_roofline_for_each_machine_has_the_best_that_was_reached() -> None:
    core = synthetic.record(metrics={"run_millicycles_per_instruction": 1800}, scale=2)
    core = replace(core, case="aww-core", params={**core.params, "target": "core"})
    found = rooflines([*synthetic.zoo(), core])
    assert [(chart.machine, chart.real) for chart in found] == [("core", True), ("spike", False)]
    spike = found[1]
    assert len(spike.points) == 12 * 2, "two kinds of operators have MACs"
    assert spike.peak.macs_per_cycle == max(each.work.macs_per_cycle for each in spike.points)
    assert spike.peak.case == "resnet-aot-muriscvnn-O3"
    assert spike.peak.bytes_per_mac == 4_000 / 320_000
    assert spike.stream.name == "DEPTHWISE_CONV_2D"
    assert {point.text for point in spike.points if point.label} <= {
        f"{model} {name}"
        for model in ("aww", "resnet")
        for name in ("CONV_2D", "DEPTHWISE_CONV_2D")
    }
    for chart in found:
        corners = [tuple(map(float, at.split(","))) for at in chart.roof[1:].split("L")]
        for point in chart.points:
            (x1, y1), (x2, y2) = next(
                pair for pair in itertools.pairwise(corners) if pair[1][0] >= point.x
            )
            roof = y1 + (y2 - y1) * (point.x - x1) / (x2 - x1)
            assert point.y >= roof - 0.5, "nothing lies above the roof"


def test_a_roofline_needs_bytes_macs_and_cycles_that_count() -> None:
    (whole,) = work(synthetic.record(profile=False), "v")
    assert (whole.name, whole.macs, whole.cycles, whole.bytes) == ("", 392_000, 1_400_000, 12_000)
    assert rooflines([failed(synthetic.record())]) == []
    old = synthetic.record()
    old = replace(old, operators=tuple({**row, "bytes": 0} for row in old.operators))
    assert work(old, "v") == rooflines([old]) == []
    many = [synthetic.record(f"m{at}", scale=1 + at / 100) for at in range(250)]
    (chart,) = rooflines(many)
    assert len(chart.points) == 250, "one for each case where there are too many"
    assert "MACs/instruction" in html_report.page(synthetic.zoo())


def test_energy_is_shown_where_the_user_gave_a_figure() -> None:
    counted = synthetic.record(metrics={"run_millicycles_per_instruction": 1800})
    rows = with_energy([counted, synthetic.record("vww")], energy("20pJ"), 0)
    assert "run_nanojoules" not in rows[1].metrics, "Spike counts instructions"
    text = html_report.page(rows)
    assert ", 28.000 &micro;J</span>" in text
    assert text.count("<td>28.000</td>") == 1
    assert "Run uJ" not in html_report.page([counted])
    assert with_energy([counted], None, 0) == [counted]
    assert [microjoules(value) for value in (0, 5, 28_000)] == ["0.000", "0.005", "28.000"]
