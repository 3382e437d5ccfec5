"""The gate in pytest: the whole life of a baseline, with and without workers."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import synthetic

from pytest_mlbench.builtin import option_table
from pytest_mlbench.errors import UsageError
from pytest_mlbench.records import record
from pytest_mlbench.records.gate import baseline
from pytest_mlbench.resolution import Given, resolve

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Project

workers = pytest.mark.parametrize("n", ["-n0", "-n1"])
several_workers = pytest.mark.parametrize("n", ["-n0", "-n2"])
NAMES = ("alpha", "beta", "gamma")


def slower(name: str, by: int = 1):
    before = synthetic.record(name)
    cycles = before.metrics["run_cycles"] + by
    return replace(before, metrics={**before.metrics, "run_cycles": cycles})


@workers
def test_the_life_of_a_baseline(project: Project, n: str) -> None:
    # Missing: the run passes and says how to save it.
    result = project.gated(n)
    result.assert_outcomes(passed=3)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["There is no *baseline.yaml yet*Save this run*--mlbench-save"])
    if n == "-n0":  # here and below: what does not depend on workers once
        assert project.gated("--mlbench-strict").ret == 1

    # Created, the same again without touching the file.
    result = project.gated(n, "--mlbench-save")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["*baseline.yaml: 3 added, 0 measured again, 0 not in this run*"])
    text = project.baseline.read_text()
    assert sorted(baseline.loads(text, where="")) == [f"{name}-aot-_-O3" for name in NAMES]
    if n == "-n0":
        result = project.gated("--mlbench-save")
        result.assert_outcomes(passed=3)
        result.stdout.fnmatch_lines(["3 cases: 3 equal"])
        result.stdout.fnmatch_lines(["*nothing had changed, the file was not touched"])
        assert project.baseline.read_text() == text

    # One instruction more: the test fails with one sentence.
    project.measure(synthetic.record("alpha"), slower("beta"), synthetic.record("gamma"))
    result = project.gated(n, "-ra")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "Run Cycles was 1,400,000, is 1,400,001: +1 (+0.0001 %), allowed 0; accept it with: *",
            "REGRESSED test_models.py::test_it?beta-aot-_-O3? - Run Cycles was 1,400,000*",
        ]
    )
    assert project.baseline.read_text() == text

    # Allowed by an option, or only warned of.
    result = project.gated(n, "--mlbench-gate=warn")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["Regressed:", "  beta-aot-_-O3: Run Cycles was*"])
    if n == "-n0":
        project.gated("--mlbench-tolerance=run_cycles=1").assert_outcomes(passed=3)
        result = project.gated("--mlbench-gate=off")
        assert result.ret == 0
        result.stdout.no_fnmatch_line("*Regressed*")

    # Accepted with the command it named: only its own block changes, and the run is green.
    result = project.gated(n, "--mlbench-save", "-k", "beta")
    result.assert_outcomes(passed=1)
    changed = [
        (old.strip(), new.strip())
        for old, new in zip(
            text.splitlines(), project.baseline.read_text().splitlines(), strict=True
        )
        if old != new
    ]
    assert changed == [("run_cycles: 1400000", "run_cycles: 1400001")]
    project.gated(n).assert_outcomes(passed=3)


@several_workers
def test_stopping_at_the_first_regression(project: Project, n: str) -> None:
    project.gated("--mlbench-save")
    project.measure(*(slower(name) for name in NAMES))
    result = project.gated(n, "-x")
    assert result.ret != 0
    assert result.parseoutcomes()["failed"] == 1 or n == "-n2"
    result.stdout.fnmatch_lines(["*stopping after 1 failures*"])


def test_last_failed_reruns_what_regressed(project: Project) -> None:
    project.gated("--mlbench-save")
    project.measure(synthetic.record("alpha"), slower("beta"), synthetic.record("gamma"))
    project.gated().assert_outcomes(passed=2, failed=1)
    project.gated("--lf").assert_outcomes(failed=1)


@several_workers
def test_junit_tells_the_sentence_and_the_metrics(project: Project, n: str) -> None:
    project.gated("--mlbench-save")
    project.measure(synthetic.record("alpha"), slower("beta"), synthetic.record("gamma"))
    project.gated(n, "--junitxml=junit.xml")
    suite = ET.parse(project.pytester.path / "junit.xml").getroot()
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    failure = cases["test_it[beta-aot-_-O3]"].find("failure")
    assert failure is not None
    assert str(failure.get("message")).startswith("Run Cycles was 1,400,000, is 1,400,001")
    assert cases["test_it[alpha-aot-_-O3]"].find("failure") is None
    properties = {
        prop.get("name"): prop.get("value")
        for prop in cases["test_it[beta-aot-_-O3]"].iter("property")
    }
    assert properties["mlbench_run_cycles"] == "1400001"


@workers
def test_not_comparable_is_neither_green_nor_red_in_silence(project: Project, n: str) -> None:
    project.gated("--mlbench-save")
    before = synthetic.record("beta")
    other = replace(
        slower("beta", 10**6), provenance={**before.provenance, "toolchain": "gcc 13.2.0"}
    )
    project.measure(synthetic.record("alpha"), other, synthetic.record("gamma"))
    result = project.gated(n)
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "Not comparable:",
            "  toolchain was riscv64-unknown-elf-gcc 12.2.0, is gcc 13.2.0: beta-aot-_-O3",
            "*1 not comparable*",
        ]
    )
    assert result.parseoutcomes()["passed"] == 2
    if n == "-n0":
        strict = project.gated("--mlbench-strict")
        assert strict.ret == pytest.ExitCode.TESTS_FAILED


def test_improvements_new_missing_and_unselected_cases_are_named(project: Project) -> None:
    project.measure(synthetic.record("alpha"), synthetic.record("beta"))
    project.gated("--mlbench-save", "-k", "not gamma").assert_outcomes(passed=2, deselected=1)
    skipped = replace(synthetic.record("beta"), outcome="skipped", reason="no compiler", metrics={})
    project.measure(slower("alpha", -400_000), skipped, synthetic.record("gamma"))
    result = project.gated("-rA")
    result.assert_outcomes(passed=2, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "3 cases: 1 missing, 1 improved, 1 new",
            "Missing:",
            "  beta-aot-_-O3: in the baseline, but skipped: no compiler",
            "Improved:",
            "  alpha-aot-_-O3: Run Cycles was 1,400,000, is 1,000,000: -400,000 (-28.6 %)",
            "New:",
            "  gamma-aot-_-O3",
        ]
    )
    result = project.gated("-k", "alpha")
    result.stdout.fnmatch_lines(["1 case: 1 improved", "Not in this run: beta-aot-_-O3"])
    result.stdout.no_fnmatch_line("Missing:")


@workers
def test_a_mark_allows_more_for_its_own_cases(project: Project, n: str) -> None:
    project.gated("--mlbench-save")
    project.pytester.makepyfile(
        test_models="""
        import pytest

        @pytest.mark.mlbench(tolerance={"run_cycles": "1%"})
        def test_it(mlbench):
            mlbench.run()
        """
    )
    project.measure(slower("alpha", 14_000), slower("beta", 14_001), slower("gamma", 1))
    result = project.gated(n, "--mlbench-tolerance=run_cycles=0")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*Run Cycles was 1,400,000, is 1,414,001*allowed 1 % (14,000)*"])
    result.stdout.fnmatch_lines(["Changed, but allowed:", "  alpha-aot*", "  gamma-aot*"])


def test_tolerances_of_ini_and_command_line_go_together(project: Project) -> None:
    project.gated("--mlbench-save")
    project.pytester.makeini(
        """
        [pytest]
        mlbench_baseline = baseline.yaml
        mlbench_tolerance =
            run_cycles=5%
            rom_total=64
        """
    )
    bigger = synthetic.grown(slower("beta", 70_000), "_start", 60)
    code = {**bigger.metrics, "rom_code": synthetic.record("beta").metrics["rom_code"]}
    project.measure(
        synthetic.record("alpha"), replace(bigger, metrics=code), synthetic.record("gamma")
    )
    project.run().assert_outcomes(passed=3)
    project.run("--mlbench-tolerance=rom_total=0").assert_outcomes(passed=2, failed=1)
    project.run("--mlbench-tolerance=run_cycles=4%").assert_outcomes(passed=2, failed=1)
    project.run(
        "--mlbench-tolerance=run_*=9%", "--mlbench-tolerance=run_cycles=4%"
    ).assert_outcomes(passed=2, failed=1)


@pytest.mark.parametrize(
    ("option", "text", "says"),
    [
        ("gate", "maybe", "--mlbench-gate: unknown value 'maybe'"),
        ("tolerance", ["rom_totle=1"], "unknown metric 'rom_totle'. Did you mean 'rom_total'?"),
        ("tolerance", ["rom_total=x"], "the tolerance of rom_total is 'x'"),
        ("export", ["bencher"], "'bencher' is not of the form FORMAT=PATH"),
        ("reference", "feature=_", "unknown parameter 'feature'. Did you mean 'features'?"),
        ("sort", ["rom_totle"], "unknown column 'rom_totle'. Did you mean 'rom_total'?"),
        ("group_by", ["modle"], "unknown column 'modle'. Did you mean 'Model'?"),
    ],
)
def test_wrong_values_are_refused(option: str, text: object, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(option_table(), Given(command={f"mlbench_{option}": text}))
    assert says in str(caught.value)


def test_mistakes_are_told_before_anything_runs(project: Project) -> None:
    (project.pytester.path / "bad.yaml").write_text("cases: [\n")
    for arguments, says in (
        (["--mlbench-save"], "--mlbench-save: there is no file to save to. Name it with*"),
        (["--mlbench-baseline=bad.yaml"], "*bad.yaml: not a baseline: line 2*"),
    ):
        result = project.run(*arguments)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([f"ERROR: {says}"])
        result.stderr.no_fnmatch_line("*Traceback*")


def test_a_crashed_worker_loses_only_its_case(project: Project) -> None:
    project.gated("--mlbench-save")
    text = project.baseline.read_text()
    crash = replace(synthetic.record("beta"), reason="crash")
    project.measure(synthetic.record("alpha"), crash, synthetic.record("gamma"))
    result = project.gated("-n2", "--mlbench-save")
    assert result.ret != 0
    result.stdout.fnmatch_lines(["*2 measured again, 0 not in this run*", "*not taken: beta*"])
    assert project.baseline.read_text() == text


def test_remote_workers_need_no_shared_folder(project: Project, tmp_path: Path) -> None:
    """xdist's own remote execution: each worker has a copied folder and nothing else."""
    root = project.pytester.path / "project"
    root.mkdir()
    for name in ("conftest.py", "measured.json", "test_models.py"):
        (project.pytester.path / name).rename(root / name)
    project.baseline = tmp_path / "baseline.yaml"
    project.run(f"--mlbench-baseline={project.baseline}", "--mlbench-save", str(root))
    rows = [synthetic.record("alpha"), slower("beta"), synthetic.record("gamma")]
    (root / "measured.json").write_text(json.dumps([row.to_dict() for row in rows]))
    places = []
    for number in (1, 2):
        (tmp_path / f"host{number}").mkdir()
        places.append(f"--tx=popen//chdir={tmp_path / f'host{number}'}")
    result = project.gated(
        "--dist=load", *places, f"--rsyncdir={root}", f"--mlbench-json={project.json}", str(root)
    )
    result.stdout.fnmatch_lines(["REGRESSED *beta-aot-_-O3? - Run Cycles was*"])
    assert result.parseoutcomes()["failed"] == 1
    assert len(record.loads(project.json.read_text())) == 3
    assert list(tmp_path.glob("host*/project/test_models.py"))


def test_beside_no_xdist_no_cache_and_pytest_benchmark(project: Project) -> None:
    project.gated("--mlbench-save")
    project.measure(synthetic.record("alpha"), slower("beta"), synthetic.record("gamma"))
    result = project.pytester.runpytest_inprocess(
        "-p",
        "no:xdist",
        "-p",
        "no:cacheprovider",
        f"--mlbench-baseline={project.baseline}",
        "--mlbench-model=alpha",
        "--mlbench-model=beta",
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["Not in this run: gamma-aot-_-O3"])
