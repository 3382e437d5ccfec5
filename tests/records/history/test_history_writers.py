"""Two processes that write one history at the same time: nothing is lost, torn or left behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import synthetic

from pytest_mlbench.records.history import store
from pytest_mlbench.records.history.revisions import Revision

COMMITS = 25

SCRIPT = """
import sys, time
from pathlib import Path
import synthetic
from pytest_mlbench.records.history import store
from pytest_mlbench.records.history.revisions import Revision

folder, own, commits = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
(folder / f"ready-{own}").touch()
while len(list(folder.glob("ready-*"))) < 2:
    time.sleep(0.001)
for number in range(commits):
    revision = Revision(f"{number:040x}", number, f"Change {number}")
    rows = [synthetic.record(model, scale=1 + number / 100) for model in ("shared", own)]
    store.add(folder / "history", revision, rows)
"""


def writer(folder: Path, own: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(folder), own, str(COMMITS)],
        stderr=subprocess.PIPE, text=True, env={"PYTHONPATH": str(Path(synthetic.__file__).parent)},
    )  # fmt: skip


def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    writers = [writer(tmp_path, own) for own in ("first", "second")]
    errors = [process.communicate(timeout=120)[1] for process in writers]
    assert errors == ["", ""]
    entries = store.load(tmp_path / "history")
    assert len(entries) == COMMITS
    for entry in entries.values():
        number = entry.date
        assert set(entry.results) == {
            f"{model}-aot-_-O3" for model in ("first", "second", "shared")
        }
        for case, result in entry.results.items():
            assert result.metrics["run_cycles"] == int(1_400_000 * (1 + number / 100))
            assert store.detailed(tmp_path / "history", case, result).symbols
    assert list((tmp_path / "history").rglob("*.partial")) == []


def test_a_disagreement_between_writers_is_refused_by_the_later(tmp_path: Path) -> None:
    """Each sees what the other has finished, whichever comes first."""
    revision = Revision("0" * 40, 0, "Change")
    store.add(tmp_path, revision, [synthetic.record(scale=1.0)])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.partition("(folder")[0] + (
            "store.add(folder, Revision('0' * 40, 0, 'Change'), [synthetic.record(scale=2.0)])"
        ), str(tmp_path), "x", "1"],
        capture_output=True, text=True, check=False, timeout=120,
        env={"PYTHONPATH": str(Path(synthetic.__file__).parent)},
    )  # fmt: skip
    assert done.returncode == 1
    assert "Measurements of one commit do not differ" in done.stderr
    assert len(list((tmp_path / "entries").glob("*.json"))) == 1
