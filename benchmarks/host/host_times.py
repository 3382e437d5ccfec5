"""How long the harness itself takes on this machine, by pytest-benchmark. Nothing is asserted.

    pytest benchmarks/host/host_times.py

(The file is not called test_*.py, so that `pytest benchmarks` measures firmware only.)
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlbench import process
from pytest_mlbench.records import record
from pytest_mlbench.records.gate import baseline
from pytest_mlbench.records.gate.compare import compare_all
from pytest_mlbench.records.report import html_report, markdown
from pytest_mlbench.records.report.table import render
from pytest_mlbench.script.study_plan import StudyPlan

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_mlbench.records.record import Record

COUNT = 1000


@pytest.fixture(scope="module")
def measured() -> Record:
    """One real record, of the smallest zoo model's stand-in."""
    plan = StudyPlan({"model": ["toycar_twin"]})
    found = plan.run_one(plan.cases[0])
    if found.outcome != "passed":
        pytest.skip(found.reason)
    return found


@pytest.fixture(scope="module")
def many(measured: Record) -> list[Record]:
    """A thousand of it under different names."""
    return [
        replace(measured, case=f"{measured.case}-{number:04}", params={**measured.params})
        for number in range(COUNT)
    ]


def _pytest(folder: Path, *arguments: str) -> process.Finished:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    done = process.run([*command, str(folder)], timeout=60, cwd=folder)
    assert done.returncode == 0, done.text
    return done


@pytest.mark.parametrize("plugin", ["without", "with"])
def test_start_up_of_a_project_that_uses_none_of_it(
    benchmark: Any, plugin: str, tmp_path: Path
) -> None:
    """The difference of the two is what the plugin costs every run (see start_up.py)."""
    (tmp_path / "test_one.py").write_text("def test_one(): pass\n")
    off = [] if plugin == "with" else ["-p", "no:mlbench"]
    benchmark.pedantic(_pytest, (tmp_path, *off), rounds=5, warmup_rounds=1)


def test_reading_an_elf(benchmark: Any) -> None:
    """Sections, symbols, components and stack frames of one firmware."""
    from pytest_mlbench.firmware.elf import frames, symbols
    from pytest_mlbench.measure.chain import Chain

    plan = StudyPlan({"model": ["toycar_twin"]})
    built = Chain(plan.cases[0], plan.toolbox, plan.registry).firmware

    def read() -> None:
        rows = symbols.read(built.elf, built.map_file, built.component_of)
        symbols.components(rows)
        frames.read(built.elf)

    benchmark(read)


def test_rendering_1000_records_for_the_terminal(benchmark: Any, many: list[Record]) -> None:
    """The table at the end of a run."""
    benchmark.pedantic(render, (many,), rounds=3)


def test_rendering_1000_records_as_markdown(benchmark: Any, many: list[Record]) -> None:
    """The file of --mlbench-markdown."""
    benchmark.pedantic(markdown.results, (many,), rounds=3)


def test_rendering_1000_records_as_html(benchmark: Any, many: list[Record]) -> None:
    """The file of --mlbench-html."""
    benchmark.pedantic(html_report.page, (many,), rounds=2)


def test_writing_1000_records_as_json(benchmark: Any, many: list[Record]) -> None:
    """The file of --mlbench-json."""
    benchmark.pedantic(record.dumps, (many,), rounds=3)


def test_reading_1000_records_from_json(benchmark: Any, many: list[Record]) -> None:
    """As `compare` and `merge` do."""
    benchmark.pedantic(record.loads, (record.dumps(many),), rounds=3)


def test_reading_a_baseline_of_1000_cases(benchmark: Any, many: list[Record]) -> None:
    """Once per process of a gated run."""
    text = baseline.dumps(many)
    benchmark.pedantic(lambda: baseline.loads(text, where="baseline"), rounds=2)


def test_comparing_1000_records(benchmark: Any, many: list[Record]) -> None:
    """Against a baseline in which every case is one cycle faster."""
    faster = [
        replace(row, metrics={**row.metrics, "run_cycles": row.metrics["run_cycles"] - 1})
        for row in many
    ]
    found = benchmark.pedantic(compare_all, (faster, many), rounds=3)
    assert {row.state for row in found} == {"regressed"}
