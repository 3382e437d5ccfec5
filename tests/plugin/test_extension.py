"""What others add: judges, finishers, and the cost of the plugin where nobody uses it."""

from __future__ import annotations

import json
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from pytest_mlbench import process

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., pytest.RunResult]

TEST = """
    import pytest

    @pytest.mark.mlbench(models=["good", "other"], tolerance={"rom_code": 9})
    def test_judged(mlbench):
        mlbench.run()
"""
JUDGE = """
    from pathlib import Path
    from pytest_mlbench.records.extension import Section, Verdict

    class Judge:
        def __init__(self, word):
            self.word = word

        def state(self):
            return {"word": self.word}

        def judge(self, record, tolerance):
            assert tolerance == {"rom_code": "9"}
            if record.params["model"] != "other":
                return Verdict(False, "fine", "", "i", "IMPROVED", "improved")
            return Verdict(True, f"{record.case}: {self.word}", "symbol f grew", "X", "JUDGED")

    class Finisher:
        def finish(self, run):
            assert [record.case for record in run.records] == sorted(run.verdicts)
            lines = [v.key for rows in run.verdicts.values() for v in rows]
            yield Section("judged", "\\n".join(lines), failed=False)

    def pytest_mlbench_judges(settings, state):
        # In a worker the word comes from the controller only.
        return [("mine", Judge(state["mine"]["word"] if state else "bigger than allowed"))]

    def pytest_mlbench_finishers(settings):
        return [Finisher()]
"""


@pytest.mark.parametrize("workers", ["-n0", "-n1"])
def test_a_judge_fails_the_test_with_its_own_word(
    bench: pytest.Pytester, run: Run, workers: str
) -> None:
    bench.makepyfile(test_j=TEST)
    conftest = bench.path / "conftest.py"
    conftest.write_text(conftest.read_text() + textwrap.dedent(JUDGE))
    result = run(workers, "-rA")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*X*"])
    result.stdout.fnmatch_lines(["*1 failed*1 improved*"])
    result.stdout.fnmatch_lines(["symbol f grew"])
    result.stdout.fnmatch_lines(["*= mlbench: judged =*", "improved", "regressed"])
    result.stdout.fnmatch_lines(["JUDGED test_j.py::test_judged?other-aot-_-O3?*"])


def test_a_finisher_that_fails_is_told_and_fails_the_run(bench: pytest.Pytester, run: Run) -> None:
    bench.makepyfile(TEST)
    bench.syspathinsert()
    bench.makepyfile(
        finishing="""
        from pytest_mlbench.errors import UsageError

        class Finisher:
            def finish(self, run):
                raise UsageError("cannot be written", where="report.html")

        def pytest_mlbench_finishers(settings):
            return [Finisher()]
        """
    )
    result = run("-p", "finishing")
    assert result.ret == 1
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["report.html: cannot be written"])


HEAVY = {
    *("numpy", "jinja2", "elftools", "pandas", "cmake", "yaml", "tabulate", "flatbuffers"),
    *("tflite", "filelock", "platformdirs", "urllib.request", "difflib", "statistics"),
}


def test_a_project_that_runs_no_benchmark_loads_next_to_nothing(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compared with pytest alone in the same project, so that pytest's own imports do not count."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    pytester.makepyfile("def test_nothing(): pass")
    pytester.makeconftest(
        """
        import json, sys

        def pytest_unconfigure(config):
            with open("modules.json", "w") as file:
                json.dump(sorted(sys.modules), file)
        """
    )
    loaded = []
    for entry in ("xdist", "mlbench"):
        command = [sys.executable, "-m", "pytest", "-q"]
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        if entry == "mlbench":
            command += ["-p", "pytest_mlbench.plugin"]
        done = process.run(command, timeout=60, cwd=pytester.path)
        assert done.returncode == 0, done.text
        loaded.append(set(json.loads((pytester.path / "modules.json").read_text())))
    added = loaded[1] - loaded[0]
    assert "pytest_mlbench.plugin" in added
    assert not added & HEAVY
    # Each module costs about a millisecond; the budget for all is 30.
    assert len(added) <= 30, sorted(added)


def test_what_is_registered_is_imported_when_it_is_used() -> None:
    """Every start and every worker of xdist collects the registry; most lower no model."""
    script = """
import sys
from pytest_mlbench.builtin import registry
known = registry()
assert {"aot", "tflmi"} <= set(known.backends) and "tuned" in known.features
print(*sys.modules)
"""
    done = process.run([sys.executable, "-c", script], timeout=60)
    assert done.returncode == 0, done.text
    loaded = set(done.stdout.decode().split())
    assert not loaded & HEAVY
    assert len({name for name in loaded if name.startswith("pytest_mlbench.")}) <= 80
