"""Two processes that write one history at the same time: nothing is lost, torn or left behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import synthetic

from pytest_mlbench.records.history import store

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
"""
AGREE = """
for number in range(commits):
    revision = Revision(f"{number:040x}", number, f"Change {number}")
    rows = [synthetic.record(model, scale=1 + number / 100) for model in ("shared", own)]
    store.add(folder / "history", revision, rows)
"""
DISAGREE = """
from pytest_mlbench.errors import UsageError
refused = 0
for number in range(commits):
    revision = Revision(f"{number:040x}", number, f"Change {number}")
    try:
        store.add(folder / "history", revision, [synthetic.record(scale=1 + (own == "first"))])
    except UsageError as error:
        assert "Measurements of one commit do not differ" in str(error)
        refused += 1
print(refused)
"""


def writer(folder: Path, own: str, what: str = AGREE) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT + what, str(folder), own, str(COMMITS)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={"PYTHONPATH": str(Path(synthetic.__file__).parent)},
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


def test_of_two_writers_that_disagree_one_is_refused(tmp_path: Path) -> None:
    """For every commit exactly one result is in the history, whichever came first."""
    writers = [writer(tmp_path, own, DISAGREE) for own in ("first", "second")]
    refused = [int(process.communicate(timeout=120)[0]) for process in writers]
    assert sum(refused) == COMMITS
    entries = list((tmp_path / "history" / "entries").glob("*.json"))
    assert len(entries) == COMMITS == len(store.load(tmp_path / "history"))
