"""Files of an earlier run survive runs that measure nothing; an ini file may be ahead of them."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., pytest.RunResult]

INI = """
[pytest]
mlbench_json = out/results.json
mlbench_csv = out/results.csv
mlbench_markdown = out/results.md
mlbench_html = out/report.html
mlbench_export = bencher=out/bencher.json
mlbench_baseline = out/baseline.yaml
"""
BENCH = """
    import pytest

    @pytest.mark.mlbench(models=["good"])
    def test_bench(mlbench):
        mlbench.run()
"""
UNIT = """
    def test_unit():
        pass
"""


@pytest.fixture
def project(bench: pytest.Pytester, run: Run) -> Path:
    """A project whose ini file names all outputs, after a run that wrote them."""
    (bench.path / "pytest.ini").write_text(INI, encoding="utf-8")
    bench.makepyfile(test_bench=BENCH, test_unit=UNIT)
    result = run("--mlbench-save")
    assert result.ret == 0, result.stdout.str()
    for name in ("results.json", "results.csv", "results.md", "report.html", "bencher.json"):
        result.stdout.fnmatch_lines([f"*/out/{name}"])
    return bench.path


def snapshot(folder: Path) -> dict[str, bytes]:
    found = {path.name: path.read_bytes() for path in sorted((folder / "out").iterdir())}
    assert len(found) == 6
    assert all(found.values())
    return found


NOTHING = [
    ("--collect-only",),
    ("test_unit.py",),
    ("-k", "nothing"),
    ("-k", "test_unit", "--mlbench-save"),
    ("--setup-plan",),
    ("--setup-plan", "-n1"),
    ("test_unit.py", "-n1"),
    ("--help",),
    ("--version",),
    ("--fixtures",),
    ("--deselect", "test_bench.py"),
    ("test_broken.py",),
    ("test_broken.py", "test_bench.py"),
    ("--mlbench-model", "missing"),
]


def test_a_run_that_measures_nothing_leaves_every_file(project: Path, run: Run) -> None:
    (project / "test_broken.py").write_text("import no_such_module\n")
    before = snapshot(project)
    for arguments in NOTHING:
        result = run(*arguments)
        assert snapshot(project) == before, f"{arguments}: {result.stdout}"


def test_a_run_that_is_stopped_at_its_start_leaves_every_file(
    project: Path, bench: pytest.Pytester
) -> None:
    (project / "test_stop.py").write_text(
        "def test_stop(mlbench_case):\n    raise KeyboardInterrupt\n"
    )
    before = snapshot(project)
    plain = ("-p", "no:benchmark", "-p", "no:hypothesispytest")
    result = bench.runpytest_inprocess(*plain, "test_stop.py", no_reraise_ctrlc=True)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert snapshot(project) == before, result.stdout.str()


def test_what_was_asked_for_and_not_written_is_said(project: Path, run: Run) -> None:
    result = run("test_unit.py", "--mlbench-json=x.json")
    result.stdout.fnmatch_lines(["No case was run, so nothing is written for --mlbench-json."])
    assert not (project / "x.json").exists()
    result = run("--mlbench-model=missing")
    result.stdout.fnmatch_lines(["No case was measured, so these stay as they were:"])


STOPPED = "2 of 3 cases: the run was stopped before the others"


def test_a_stopped_run_says_how_much_it_has_and_replaces_nothing(project: Path, run: Run) -> None:
    before = snapshot(project)
    (project / "test_bench.py").write_text(
        "import pytest\n\n"
        "@pytest.mark.mlbench(models=['good', 'wrong', 'other'])\n"
        "def test_bench(mlbench):\n    mlbench.run()\n"
    )
    result = run("-x")
    result.stdout.fnmatch_lines([STOPPED])
    out = project / "out"
    kept = {name: (out / name).read_bytes() for name in before}
    assert kept == before
    part = json.loads((out / "results.stopped.json").read_text())
    assert part["partial"] == STOPPED
    assert len(part["records"]) == 2
    assert (out / "results.stopped.md").read_text().startswith(f"**{STOPPED}.**\n")
    assert f'<strong class="bad">{STOPPED}.</strong>' in (out / "report.stopped.html").read_text()
    rows = list(csv.DictReader((out / "results.stopped.csv").read_text().splitlines()))
    assert [row["partial"] for row in rows] == [STOPPED] * 2
    assert STOPPED in json.loads((out / "bencher.stopped.json").read_text())
    # What is partial itself may be replaced.
    names = [name for name in before if name != "baseline.yaml"]
    for name in names:
        stem, _, ending = name.partition(".")
        (out / f"{stem}.stopped.{ending}").replace(out / name)
    run("-x")
    assert not list(out.glob("*.stopped.*"))
    assert json.loads((out / "results.json").read_text()) == part
    assert all(STOPPED in (out / name).read_text() for name in names)


def test_where_nothing_is_a_stopped_run_writes_to_the_place_itself(project: Path, run: Run) -> None:
    for path in (project / "out").iterdir():
        path.unlink()
    test = (project / "test_bench.py").read_text()
    (project / "test_bench.py").write_text(test.replace('"good"', '"wrong", "good"'))
    run("-x")
    names = {path.name for path in (project / "out").iterdir()}
    assert {"results.json", "results.csv", "results.md", "report.html"} <= names
    assert not any("stopped" in name for name in names)
    merged = project / "merged.json"
    assert main(["merge", str(project / "out/results.json"), "-o", str(merged)]) == 0
    assert "1 of 2 cases" in json.loads(merged.read_text())["partial"]


@pytest.mark.parametrize("workers", ["-n0", "-n1"])
def test_an_ini_may_name_what_is_not_there_yet(
    bench: pytest.Pytester, run: Run, workers: str
) -> None:
    (bench.path / "pytest.ini").write_text(
        "[pytest]\n"
        "mlbench_baseline = no/baseline.yaml\n"
        "mlbench_model = no/model.tflite\n"
        "mlbench_cache = no/cache\n",
        encoding="utf-8",
    )
    bench.makepyfile(test_unit=UNIT, test_bench="def test_bench(mlbench):\n    mlbench.run()\n")
    assert run("--help").ret == 0
    assert run("--collect-only", workers).ret == 0
    result = run("test_unit.py", workers)
    assert result.ret == 0
    result.assert_outcomes(passed=1)
    result = run(workers)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*there is no model *no/model.tflite"])


def test_an_ini_may_name_a_mirror_and_an_unknown_model_for_other_tests(
    bench: pytest.Pytester, run: Run
) -> None:
    (bench.path / "pytest.ini").write_text(
        "[pytest]\nmlbench_mirror = no/mirror\nmlbench_model = godo\n", encoding="utf-8"
    )
    bench.makepyfile(test_unit=UNIT, test_bench="def test_bench(mlbench):\n    mlbench.run()\n")
    assert run("test_unit.py").ret == 0
    result = run("test_bench.py")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["*no/mirror*"])
    result = run("test_bench.py", "-o", "mlbench_mirror=")
    result.stdout.fnmatch_lines(["*unknown model 'godo'. Did you mean 'good'?"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a baseline*"),
        ("# a comment\n", "not a baseline*"),
        ("schema: 1\ncases: {}\n", "the baseline holds no case*"),
    ],
)
def test_an_empty_baseline_is_a_mistake(
    bench: pytest.Pytester, run: Run, text: str, said: str
) -> None:
    bench.makepyfile(BENCH)
    (bench.path / "baseline.yaml").write_text(text)
    result = run("--mlbench-baseline=baseline.yaml")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: *baseline.yaml: {said}"])


def test_nothing_passed_is_no_baseline(bench: pytest.Pytester, run: Run) -> None:
    bench.makepyfile(BENCH.replace("good", "wrong"))
    result = run("--mlbench-baseline=baseline.yaml", "--mlbench-save")
    result.stdout.fnmatch_lines(["*baseline.yaml: not written, because no case passed"])
    assert not (bench.path / "baseline.yaml").exists()
