"""Scripts without pytest: choices, frames, relative figures, plots; the real chain at the end."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import synthetic
from tiny_models import dense

import pytest_mlbench
from pytest_mlbench import Results, Study, process
from pytest_mlbench.errors import UsageError
from pytest_mlbench.script import workers
from pytest_mlbench.script.workers import run_all

if TYPE_CHECKING:
    from pathlib import Path


def test_a_frame_has_the_tables_columns() -> None:
    frame = Results(synthetic.zoo()).df
    assert list(frame.columns[:6]) == ["Model", "Backend", "Features", "Opt", "Outcome", "Valid"]
    row = frame[(frame.Model == "aww") & (frame.Features == "_") & (frame.Opt == "3")].iloc[0]
    assert row["Run Cycles"] == 1_400_000
    assert row["Total ROM"] == 4424
    assert str(frame["Total Cycles"].dtype) == "Int64"


def test_what_was_not_measured_is_missing_not_zero() -> None:
    skipped = replace(synthetic.record("x"), outcome="skipped", reason="no net", metrics={})
    frame = Results([synthetic.record(), skipped]).df
    assert frame["Run Cycles"].isna().tolist() == [False, True]
    assert frame["Reason"].tolist() == ["", "no net"]


def test_relative_results_are_per_model_and_level() -> None:
    frame = Results(synthetic.zoo()).relative(to={"features": "_"}).df
    fast = frame[frame.Features == "muriscvnn"]
    assert fast["Run Cycles ratio"].tolist() == pytest.approx([0.29] * 4)
    assert set(fast["Run Cycles change"]) == {"3.4x faster"}
    assert set(frame[frame.Features == "_"]["Run Cycles ratio"]) == {1.0}


def test_choices_of_results() -> None:
    results = Results(synthetic.zoo())
    assert len(results.where(model="aww", optimize=3)) == 3
    assert len(results.where(features=("cmsisnn",))) == 4
    with pytest.raises(UsageError, match="Did you mean 'model'"):
        results.where(models="aww")
    with pytest.raises(UsageError, match="no case of this run has features=tuned"):
        results.relative(to="features=tuned")


def test_results_are_saved_and_loaded_as_json(tmp_path: Path) -> None:
    results = Results(synthetic.zoo())
    path = results.save(tmp_path / "r.json")
    assert Results.load(path).records == tuple(sorted(results.records, key=lambda row: row.case))
    assert "3.4x faster" in str(results.relative(to="features=_"))
    assert "3.4x faster" in results.relative(to="features=_").markdown()
    page = results.html(tmp_path / "r.html").read_text()
    assert "aww" in page
    assert "<table" in results._repr_html_()


def test_plots_have_a_bar_per_measured_case() -> None:
    results = Results([*synthetic.zoo(), replace(synthetic.record("x"), metrics={})])
    figure = results.plot("Total Cycles")
    bars = [bar.get_height() for group in figure.axes[0].containers for bar in group]
    assert sorted(bars) == sorted(row.metrics["total_cycles"] for row in synthetic.zoo())
    relative = results.relative(to="features=_").plot("ROM", title="ROM")
    assert {bar.get_height() for group in relative.axes[0].containers for bar in group} == {1.0}
    with pytest.raises(UsageError, match="Model is not a metric"):
        results.plot("Model")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"models": "awww"}, "unknown model 'awww'. Did you mean 'aww'"),
        ({"models": "aww", "optimize": 5}, "unknown value '5'"),
        ({"models": "aww", "features": "tunedd"}, "unknown feature 'tunedd'"),
        ({"models": "aww", "backends": "aott"}, "unknown backend 'aott'. Did you mean 'aot'"),
        ({"models": "aww", "until": "never"}, "unknown value 'never'"),
    ],
)
def test_mistakes_are_told_at_once(arguments: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        Study(**arguments)  # type: ignore[arg-type]
    assert says in str(caught.value)


def test_workers_must_be_a_positive_number() -> None:
    with pytest.raises(UsageError, match="workers is 0"):
        Study("aww_twin").run(workers=0)


def test_a_plugin_of_the_script_itself_cannot_go_to_another_process() -> None:
    study = Study(["aww_twin", "toycar_twin"], plugins=[object()])
    with pytest.raises(UsageError, match="not a module that another process can import"):
        study.run(workers=2)


@pytest.fixture
def crashing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of models that cannot be built, each for another reason."""
    (tmp_path / "crashing_models.py").write_text(
        "import os, sys, time\n"
        "from pytest_mlbench.measure.registry import Model\n"
        "if os.environ.get('DIES') and sys.argv[0] == '-c':\n"
        "    os._exit(5)\n"
        "def noise():\n"
        "    print('noise')\n"
        "    os.write(1, b'noise of C')\n"
        "    print('noise aside', file=sys.stderr)\n"
        "    return b''\n"
        "def aloud():\n"
        "    print('first\\nout of luck', file=sys.stderr)\n"
        "    os._exit(4)\n"
        "builds = {'noisy': noise, 'boom': lambda: os._exit(3), 'aloud': aloud,\n"
        "          'asleep': lambda: time.sleep(60), 'bad': bytes}\n"
        "def pytest_mlbench_models():\n"
        "    return [Model(name, build=build) for name, build in builds.items()]\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return "crashing_models"


def test_a_crash_in_a_worker_loses_only_its_case(crashing: str) -> None:
    study = Study(["noisy", "boom", "aloud", "bad"], plugins=[crashing])
    found = run_all(study.plan, 1)
    assert [row.outcome for row in found] == ["failed"] * 4
    reasons = [row.reason for row in found]
    assert "not a .tflite file" in reasons[0], "what it prints is not among the records"
    assert reasons[1] == "the worker process ended with 3", "not what the case before has printed"
    assert reasons[2] == "the worker process ended with 4: out of luck"
    assert "not a .tflite file" in reasons[3]


def test_a_worker_that_ends_at_its_start_or_hangs_is_told(
    crashing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = []
    run = process.run

    def patient(*words: object, timeout: float, **options: object) -> process.Finished:
        """The limit of the process holds for all its cases; here only that of each one counts."""
        ended.append(run(*words, timeout=60, **options))
        return ended[-1]

    monkeypatch.setattr(process, "run", patient)
    monkeypatch.setattr(workers, "_MARGIN", 0.0)
    [hung] = run_all(Study("asleep", plugins=[crashing], timeout=0.2).plan, 1)
    assert hung.reason == "the worker process ran into its time limit"
    assert ended[0].returncode == -signal.SIGALRM
    monkeypatch.setenv("DIES", "1")
    [dead] = run_all(Study("bad", plugins=[crashing]).plan, 1)
    assert dead.reason == "the worker process ended with 5"


def test_workers_import_what_the_script_imports(
    crashing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not what has the same name in the current folder, where Python would look first."""
    other = tmp_path / "elsewhere"
    other.mkdir()
    for name in (crashing, "pytest_mlbench", "signal"):
        (other / f"{name}.py").write_text("raise SystemExit('wrong module')\n")
    study = Study("bad", plugins=[crashing])
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
    monkeypatch.chdir(other)
    [found] = run_all(study.plan, 1)
    assert "not a .tflite file" in found.reason


def test_importing_the_package_is_light() -> None:
    script = "import sys, pytest_mlbench; print([n for n in sys.modules if n in HEAVY])"
    heavy = {"numpy", "pandas", "matplotlib", "yaml", "jinja2", "elftools", "pytest"}
    done = subprocess.run(
        [sys.executable, "-c", script.replace("HEAVY", repr(heavy))],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "[]\n"
    with pytest.raises(AttributeError, match="has no attribute 'Studi'"):
        _ = pytest_mlbench.Studi


@pytest.mark.spike
def test_the_same_records_with_one_worker_and_with_two(tmp_path: Path) -> None:
    mine = tmp_path / "mine.tflite"
    mine.write_bytes(dense().model([3]))
    study = Study(mine, optimize=["3", "s"], profile=True)
    one = study.run()
    if any(row.outcome == "skipped" for row in one.records):
        pytest.skip(one.records[0].reason)
    assert [row.outcome for row in one.records] == ["passed", "passed"]
    assert study.run(workers=2).records == one.records
