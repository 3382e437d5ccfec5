"""`new=fail|pass` and `improved=fail|pass` in whole runs: by default, by option, by ini file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import synthetic

if TYPE_CHECKING:
    from .conftest import Project

TOLERANCE = "--mlbench-tolerance"
BOTH = (TOLERANCE, "new=fail", TOLERANCE, "improved=fail")


def faster(name: str) -> synthetic.Record:
    cycles = 1_300_000
    return synthetic.record(name, metrics={
        "run_cycles": cycles, "run_cycles_min": cycles, "run_cycles_max": cycles,
        "total_cycles": cycles + 120,
    })  # fmt: skip


def test_new_and_improved_cases_fail_only_where_a_rule_says_so(project: Project) -> None:
    project.gated("--mlbench-save", "-k", "alpha or beta").assert_outcomes(passed=2)
    project.measure(synthetic.record("alpha"), faster("beta"), synthetic.record("gamma"))
    text = project.baseline.read_text()

    project.gated().assert_outcomes(passed=3)
    fails = project.gated("-n2", *BOTH)
    fails.assert_outcomes(passed=1, failed=2)
    assert fails.ret == 1
    fails.stdout.fnmatch_lines_random([
        "NEW test_models.py::test_it?gamma-aot-_-O3? - not in the baseline yet*",
        "IMPROVED test_models.py::test_it?beta-aot-_-O3? - Run Cycles was 1,400,000*",
        "*is 1,300,000: -100,000 (-7.1 %)*(improved=fail)",
        "not in the baseline yet, and new=fail; accept it with: pytest *--mlbench-save",
    ])  # fmt: skip

    # The ini file sets both; the command line takes one of them back.
    project.pytester.makeini("[pytest]\nmlbench_tolerance =\n    new=fail\n    improved=fail\n")
    project.gated(TOLERANCE, "new=pass").assert_outcomes(passed=2, failed=1)
    assert project.baseline.read_text() == text, "judging writes nothing"

    # Saving accepts what was measured, whatever the rules; then nothing is new or better.
    project.gated("--mlbench-save").assert_outcomes(passed=3)
    project.gated().assert_outcomes(passed=3)


def test_any_other_word_is_refused_before_anything_runs(project: Project) -> None:
    wrong = project.gated(TOLERANCE, "new=maybe")
    assert wrong.ret == 4
    wrong.stderr.fnmatch_lines(["*new=maybe, expected new=fail or new=pass*"])
