"""What a run of benchmarks shows and writes, alone and with workers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., pytest.RunResult]
    Records = Callable[..., dict[str, Any]]

ALL = """
    import pytest

    @pytest.mark.mlbench(
        models=["good", "other", "missing", "broken", "trapping", "wrong"], optimize=["3", "s"]
    )
    def test_all(mlbench):
        mlbench.run()

    @pytest.mark.mlbench(models=["good"], optimize=["2"])
    def test_limit(mlbench):
        assert mlbench.run().metrics["rom_code"] < 1000

    @pytest.mark.skip(reason="not today")
    @pytest.mark.mlbench(models=["good"], optimize=["1"])
    def test_skipped(mlbench):
        mlbench.run()

    @pytest.mark.mlbench(models=["good"], optimize=["0"])
    def test_bug(mlbench):
        mlbench.run()
        1 / 0
"""
WAYS = [
    ("-n0",),
    ("-p", "no:xdist"),
    ("-n2", "-p", "no:cacheprovider"),
    ("-n2", "--dist=worksteal"),
    ("-n2", "--dist=each"),
]


def test_every_way_of_running_gives_the_same_records(bench: pytest.Pytester, run: Run) -> None:
    bench.makepyfile(ALL)
    path = bench.path / "results.json"
    texts = []
    for how in WAYS:
        path.unlink(missing_ok=True)
        assert run("--mlbench-json", str(path), *how).ret == 1, how
        texts.append(path.read_bytes())
        assert texts[-1] == texts[0], how
    assert len(json.loads(texts[0])["records"]) == 15


def test_outcomes_and_reasons(bench: pytest.Pytester, records: Records) -> None:
    bench.makepyfile(ALL)
    found = records()
    outcomes = {case: row["outcome"] for case, row in found.items()}
    reasons = {case: row["reason"] for case, row in found.items()}
    assert outcomes["good-aot-_-O3"] == "passed"
    assert reasons["good-aot-_-O3"] == ""
    assert outcomes["missing-aot-_-Os"] == "skipped"
    assert reasons["missing-aot-_-Os"] == "a thing is not here. Install the thing"
    assert outcomes["broken-aot-_-O3"] == "failed"
    assert "expected ';'" in reasons["broken-aot-_-O3"]
    assert "illegal instruction" in reasons["trapping-aot-_-O3"]
    assert "got 4, expected 5" in reasons["wrong-aot-_-O3"]
    assert outcomes["good-aot-_-O2"] == "failed"
    assert "1013 < 1000" in reasons["good-aot-_-O2"]
    assert outcomes["good-aot-_-O1"] == "skipped"
    assert reasons["good-aot-_-O1"] == "not today"
    assert reasons["good-aot-_-O0"] == "ZeroDivisionError: division by zero"


def test_a_record_is_complete(bench: pytest.Pytester, records: Records) -> None:
    bench.makepyfile(ALL)
    row = records("-k", "good and O3")["good-aot-_-O3"]
    assert row["params"] == {
        "model": "good",
        "backend": "aot",
        "features": [],
        "optimize": "3",
        "target": "spike",
        "isa": "rv32gc",
        "config": {},
    }
    assert row["metrics"]["run_cycles"] == 12358
    assert row["metrics"]["total_cycles"] == 12364
    assert row["validation"] == {"samples": 2, "matched": 2, "reference": "fake"}
    assert row["provenance"]["toolchain"] == "fake gcc 1.0"
    assert row["provenance"]["spike"] == "fake spike 1.0"
    assert row["provenance"]["flags"] == {"model": ["-O3"]}
    assert len(row["provenance"]["elf_sha256"]) == 64


def test_a_failed_case_keeps_what_was_measured_before(
    bench: pytest.Pytester, records: Records
) -> None:
    bench.makepyfile(ALL)
    found = records()
    assert found["wrong-aot-_-O3"]["validation"]["matched"] == 1
    assert found["wrong-aot-_-O3"]["metrics"]["rom_code"] > 1000
    assert found["trapping-aot-_-O3"]["metrics"]["rom_code"] > 1000
    assert "run_cycles" not in found["trapping-aot-_-O3"]["metrics"]
    assert found["broken-aot-_-O3"]["metrics"] == {}


def test_the_table(bench: pytest.Pytester, run: Run) -> None:
    bench.makepyfile(ALL)
    result = run("-k", "good or missing")
    result.stdout.fnmatch_lines(
        [
            "*= mlbench =*",
            "Model *Cycles *ROM *RAM *Valid",
            "*good * 12,364 * 1,013 *2/2",
            "SKIPPED missing-aot-_-O3, missing-aot-_-Os: a thing is not here. Install the*",
        ]
    )
    table = result.stdout.str().partition("= mlbench =")[2].partition("SKIPPED")[0]
    assert 40 < max(map(len, table.splitlines())) <= 80


def test_strict_fails_what_would_be_skipped(bench: pytest.Pytester, records: Records) -> None:
    bench.makepyfile(ALL)
    found = records("--mlbench-strict", "-k", "missing")
    assert {row["outcome"] for row in found.values()} == {"failed"}


def test_until_build(bench: pytest.Pytester, records: Records) -> None:
    bench.makepyfile(ALL)
    row = records("--mlbench-until", "build", "-k", "trapping and O3")["trapping-aot-_-O3"]
    assert row["outcome"] == "passed"
    assert row["validation"] == {}
    assert "rom_code" in row["metrics"]
    assert "run_cycles" not in row["metrics"]


def test_a_metric_that_was_not_measured_says_so(bench: pytest.Pytester, run: Run) -> None:
    bench.makepyfile(
        """
        import pytest

        @pytest.mark.mlbench(models=["good"])
        def test_cycles(mlbench):
            assert mlbench.run().metrics["Run Cycles"] > 0
        """
    )
    assert run().ret == 0
    result = run("--mlbench-until", "build")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*KeyError*run_cycles was not measured in this run*"])


def test_a_crashed_worker_loses_only_its_case(bench: pytest.Pytester, records: Records) -> None:
    bench.makepyfile(
        """
        import pytest

        @pytest.mark.mlbench(models=["good", "crashing", "other"], optimize=["0", "1", "2", "3"])
        def test_crash(mlbench):
            mlbench.run()
        """
    )
    found = records("-n2", "-k", "not crashing or O2")
    assert len(found) == 9
    crashed = found.pop("crashing-aot-_-O2")
    assert crashed["outcome"] == "failed"
    assert "crashed" in crashed["reason"]
    assert crashed["params"]["model"] == "crashing"
    assert {row["outcome"] for row in found.values()} == {"passed"}


def test_beside_pytest_benchmark(bench: pytest.Pytester) -> None:
    pytest.importorskip("pytest_benchmark")
    bench.makepyfile(
        """
        import pytest

        def test_time(benchmark):
            assert benchmark(len, "abc") == 3

        @pytest.mark.mlbench(models=["good"])
        def test_size(mlbench):
            assert mlbench.run().metrics["rom_code"]
        """
    )
    result = bench.runpytest("-n0", "--benchmark-max-time=0.01", "--benchmark-min-rounds=1")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*good *"])


def test_two_tests_of_one_case_give_one_record(bench: pytest.Pytester, records: Records) -> None:
    bench.makepyfile(
        """
        import pytest

        pytestmark = pytest.mark.mlbench(models=["good"])

        def test_size(mlbench):
            mlbench.build()

        def test_run(mlbench):
            mlbench.run()
        """
    )
    assert "run_cycles" in records()["good-aot-_-O3"]["metrics"]


def test_one_case_measured_differently_is_an_error(bench: pytest.Pytester, run: Run) -> None:
    bench.makepyfile(
        """
        import pytest

        pytestmark = pytest.mark.mlbench(models=["good"])

        def test_run(mlbench):
            mlbench.run()

        def test_again(mlbench, monkeypatch):
            monkeypatch.setenv("FAKE_GROWTH", "4")
            mlbench.run()
        """
    )
    result = run()
    assert result.ret == 1
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*measured twice with different results: rom_code 1013 and 1017"])


def test_run_twice_in_a_test_is_one_measurement(bench: pytest.Pytester, run: Run) -> None:
    bench.makepyfile(
        """
        import pytest

        @pytest.mark.mlbench(models=["good"])
        def test_twice(mlbench):
            assert mlbench.build().metrics.keys() < mlbench.run().metrics.keys()
            assert mlbench.run() is mlbench.run() is mlbench.build()
        """
    )
    run().assert_outcomes(passed=1)


def test_xfail_is_a_failed_record_with_its_reason(bench: pytest.Pytester, records: Records) -> None:
    bench.makepyfile(
        """
        import pytest

        @pytest.mark.xfail(reason="known to be too big")
        @pytest.mark.mlbench(models=["good"])
        def test_limit(mlbench):
            assert mlbench.run().metrics["rom_code"] < 10
        """
    )
    row = records()["good-aot-_-O3"]
    assert row["outcome"] == "failed"
    assert row["reason"] == "expected to fail: known to be too big"
    assert row["metrics"]["rom_code"] == 1013


def test_metrics_are_junit_properties(bench: pytest.Pytester, run: Run) -> None:
    bench.makepyfile(ALL)
    run("-k", "good and O3", "--junitxml=junit.xml")
    text = (bench.path / "junit.xml").read_text(encoding="utf-8")
    assert '<property name="mlbench_case" value="good-aot-_-O3"' in text
    assert '<property name="mlbench_run_cycles" value="12358"' in text


def test_a_json_file_that_cannot_be_written_fails_the_run(bench: pytest.Pytester, run: Run) -> None:
    bench.makepyfile(ALL)
    (bench.path / "file").write_text("", encoding="utf-8")
    result = run("-k", "good and O3", "--mlbench-json", "file/results.json")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*file/results.json: *"])
    assert "Traceback" not in result.stdout.str()


@pytest.mark.parametrize("workers", ["-n0", "-n1"])
def test_a_matrix_runs_without_a_test_file(bench: pytest.Pytester, run: Run, workers: str) -> None:
    bench.makepyfile(test_other="def test_other():\n    assert False\n")
    (bench.path / "pytest.ini").write_text("[pytest]\ntestpaths = nowhere\n")
    chosen = ["--mlbench-model=good", "--mlbench-model=other", "-v"]
    result = run("-p", "pytest_mlbench.plugin.bare", "--rootdir=.", ".", *chosen, workers)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*mlbench::run?good-aot-_-O3?*"])
