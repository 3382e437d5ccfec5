"""`compare --rev` and `bisect`: revisions measured in work trees, the user's own left alone.

The measuring is made up: a test of the repository writes the records that its files describe.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

    from warm_programs import Server

CONFTEST = """
import json, pathlib, sys
import pytest
sys.path.insert(0, {tests!r})
import synthetic
from pytest_mlbench.records.record import dumps

def pytest_configure(config):
    if "nowhere.py" in config.args:
        raise pytest.UsageError("pytest was given nowhere.py")
    values = json.loads(pathlib.Path(__file__).with_name("values.json").read_text())
    if values.get("broken"):
        raise pytest.UsageError("this commit does not work")
    rows = []
    for model, (scale, grow) in values.items():
        row = synthetic.record(model, scale=scale)
        rows.append(synthetic.grown(row, "mlbench_conv2d", grow) if grow else row)
    config.option.mlbench_json_text = dumps(rows)

def pytest_unconfigure(config):
    if text := getattr(config.option, "mlbench_json_text", ""):
        pathlib.Path(config.getoption("mlbench_json")).write_text(text)
"""


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *words], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight commits: the fourth makes aww slower, the sixth bigger."""
    from pathlib import Path as RealPath

    folder = tmp_path_factory.mktemp("history")
    git(folder, "init", "-q", "-b", "main", "--template=")
    git(folder, "config", "user.name", "A")
    git(folder, "config", "user.email", "a@b")
    tests = str(RealPath(__file__).parents[1])
    (folder / "conftest.py").write_text(CONFTEST.format(tests=tests))
    (folder / "test_nothing.py").write_text("def test_nothing(): pass\n")
    for number in range(8):
        aww = [1.25 if number >= 3 else 1.0, 40 if number >= 5 else 0]
        write(folder, aww, broken=number == 4)
        git(folder, "add", ".")
        git(folder, "commit", "-q", "--allow-empty", "-m", f"Change {number}")
        git(folder, "tag", f"v{number}")
    return folder


@pytest.fixture
def repository(
    tmp_path: Path, history: Path, monkeypatch: pytest.MonkeyPatch, warm: Server
) -> Path:
    """A repository of its own with this history, as the current folder."""
    folder = tmp_path / "project"
    shutil.copytree(history, folder)
    monkeypatch.chdir(folder)
    warm.program(tmp_path / "python")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    return folder


def write(folder: Path, aww: list[float], *, broken: bool = False) -> None:
    import json

    values = {"aww": aww, "vww": [1.0, 0], **({"broken": True} if broken else {})}
    (folder / "values.json").write_text(json.dumps(values))


def test_two_revisions_are_compared(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "--rev", "v0..v3"]) == 1
    out = capsys.readouterr()
    assert "Run Cycles was 1,400,000, is 1,750,000" in out.out
    assert "1 regressed, 1 equal" in out.out
    assert "Change 0" in out.err
    assert main(["compare", "--rev", "v1..v2"]) == 0
    assert git(repository, "worktree", "list").count("\n") == 0
    assert git(repository, "status", "--porcelain") == ""
    assert git(repository, "rev-parse", "HEAD") == git(repository, "rev-parse", "main")


def test_a_revision_is_compared_with_the_files_as_they_are(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", "--rev", "main"]) == 0
    write(repository, [1.25, 50])
    assert main(["compare", "--rev", "main", "--", "test_nothing.py"]) == 1
    assert "+10 bytes  kernels .text mlbench_conv2d: 852 -> 862" in capsys.readouterr().out


def test_what_cannot_be_measured_is_told(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", "--rev", "v4..v5"]) == 2
    assert "this commit does not work" in capsys.readouterr().err
    for command in (["compare", "--rev", "v1..v2"], ["bisect", "Run Cycles", "--good", "v1"]):
        assert main([*command, "--", "nowhere.py"]) == 2
        assert "pytest was given nowhere.py" in capsys.readouterr().err
    assert main(["compare", "--rev", "v1..v2", "benchmarks"]) == 2
    assert "arguments for pytest after --" in capsys.readouterr().err
    assert main(["compare", "--rev", "v9"]) == 2
    assert "'v9' is no commit" in capsys.readouterr().err
    assert main(["compare", "one.json"]) == 2
    assert "expected two" in capsys.readouterr().err


def test_bisect_finds_the_commit(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bisect", "Total ROM", "--good", "v0"]) == 1
    out = capsys.readouterr().out
    assert "One of these; not all can be measured:" in out, "the fifth commit cannot be measured"
    assert "Change 5" in out
    assert "Change 4" in out
    assert main(["bisect", "run_cycles", "--good", "v0", "--bad", "v7"]) == 0
    out = capsys.readouterr().out
    assert "First bad commit" in out
    assert "Change 3" in out
    assert "+225,000 cycles  0 CONV_2D 1x25x5x64: 900,000 -> 1,125,000" in out
    assert git(repository, "worktree", "list").count("\n") == 0
    assert git(repository, "for-each-ref", "refs/bisect") == ""


def test_bisect_of_neighbours_asks_for_nothing_more(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bisect", "Run Cycles", "--good", "v2", "--bad", "v3"]) == 0
    assert "Change 3" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["Run Cycles", "--good", "v0", "--bad", "v1"], "did not get worse"),
        (["Run Cycles", "--good", "v3", "--bad", "v1"], "no ancestor"),
        (["MACs", "--good", "v0"], "MACs"),
        (["Run Cycles", "--good", "v0", "--case", "awww-aot-_-O3"], "aww-aot-_-O3"),
        (["Rum Cycles", "--good", "v0"], "Run Cycles"),
    ],
)
def test_bisect_says_what_it_cannot_do(
    repository: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["bisect", *words]) == 2
    assert said in capsys.readouterr().err
