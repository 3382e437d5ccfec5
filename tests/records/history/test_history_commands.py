"""`history add`, `show` and `check` as commands, and a run that adds to a history itself."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import synthetic

from pytest_mlbench.__main__ import main
from pytest_mlbench.records.extension import Run
from pytest_mlbench.records.history import store
from pytest_mlbench.records.history.finisher import Historian
from pytest_mlbench.records.record import dumps
from pytest_mlbench.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *words], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with three commits; each has results, the last is slower."""
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "user.name", "A")
    git(folder, "config", "user.email", "a@b")
    (folder / ".gitignore").write_text("*.json\n*.html\n")
    monkeypatch.chdir(folder)
    for number, scale in enumerate((1.0, 1.0, 1.2)):
        (folder / "kernel.c").write_text(f"int number = {number};\n")
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", f"Change {number}")
        (folder / "r.json").write_text(dumps([synthetic.record(scale=scale)]))
        assert main(["history", "add", "r.json", "--history", "h"]) == 0
    return folder


def test_a_history_is_shown_and_checked(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "show", "--history", "h"]) == 0
    out = capsys.readouterr().out
    head = git(project, "rev-parse", "--short=10", "HEAD")
    assert f"first bad commit {head}" in " ".join(out.split())
    assert "+180,000 cycles" in out
    assert main(["history", "show", "--history", "h", "--html", "h.html"]) == 0
    assert "Change 2" in (project / "h.html").read_text()
    assert main(["history", "show", "--history", "h", "--metric", "macs", "--case", "aww"]) == 0
    assert "Nothing is worse" in capsys.readouterr().out
    assert main(["history", "check", "--history", "h"]) == 1
    assert main(["history", "check", "--history", "h", "--branch", "HEAD~1"]) == 0
    keys = ["run_cycles", "total_cycles", "run_cycles_min", "run_cycles_max"]
    keys.append("run_millinstructions_per_mac")
    allowed = [f"--tolerance={key}=20%" for key in keys]
    assert main(["history", "check", "--history", "h", *allowed]) == 0


def test_mistakes_are_sentences(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "show", "--history", "nowhere"]) == 2
    assert "there is no history in this folder" in capsys.readouterr().err
    assert main(["history", "show", "--history", "h", "--metric", "total_cicles"]) == 2
    assert "total_cycles" in capsys.readouterr().err
    (project / "kernel.c").write_text("changed\n")
    assert main(["history", "add", "r.json", "--history", "h"]) == 2
    assert "1 file differs from the commit: kernel.c" in capsys.readouterr().err
    named = ["history", "add", "r.json", "--history", "h2", "--commit", "HEAD~1"]
    assert main(named) == 0, "of that commit, whatever the files are now"


def test_a_run_adds_what_it_measured(project: Path) -> None:
    folder = project / "own"
    failed = replace(synthetic.record("vww"), outcome="failed")
    run = Run((synthetic.record(), failed), Settings(extra={"history": folder}))
    (section,) = Historian().finish(run)
    assert ": 1 case of" in section.text
    (entry,) = store.load(folder).values()
    assert set(entry.results) == {"aww-aot-_-O3"}
    (project / "kernel.c").write_text("changed\n")
    (section,) = Historian().finish(run)
    assert section.text.startswith("Nothing was added: ")
    assert not section.failed
    assert list(Historian().finish(Run((), Settings(extra={"history": folder})))) == []


def test_results_become_a_baseline(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["baseline", "r.json", "-o", "b.yaml"]) == 0
    assert "1 added" in capsys.readouterr().out
    assert main(["compare", "b.yaml", "r.json"]) == 0
    data = json.loads((project / "r.json").read_text())
    data["records"][0]["outcome"] = "failed"
    (project / "f.json").write_text(json.dumps(data))
    assert main(["baseline", "f.json", "-o", "b.yaml"]) == 1
    assert "not taken" in capsys.readouterr().out
