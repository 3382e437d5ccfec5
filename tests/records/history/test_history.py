"""Results over time: the folder, the steps and whose they are, the check, the pages."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import synthetic

from pytest_mlbench.errors import UsageError
from pytest_mlbench.records.gate.tolerance import parse_all
from pytest_mlbench.records.history import page, revisions, store, text
from pytest_mlbench.records.history.causes import cause
from pytest_mlbench.records.history.check import check
from pytest_mlbench.records.history.revisions import Revision
from pytest_mlbench.records.history.series import by_date, groups, history, steps, worse
from pytest_mlbench.records.metrics import METRICS

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_mlbench.records.history.series import History
    from pytest_mlbench.records.record import Record

CYCLES = [
    f"{key}=0.5%" for key in METRICS if "cycles" in key or key == "run_millinstructions_per_mac"
]

NOW = 1_760_000_000


def revision(number: int, *tags: str) -> Revision:
    return Revision(f"{number:040x}", NOW + 3600 * number, f"Change {number}", tags)


def made(folder: Path, *each: Record | None) -> History:
    """A history of one case: the record of each commit, None for one that was not measured."""
    line = [revision(number) for number in range(len(each))]
    for commit, record in zip(line, each, strict=True):
        if record is not None:
            store.add(folder, commit, [record])
    return history(store.load(folder), line)


def test_what_is_added_is_read_back(tmp_path: Path) -> None:
    rows = synthetic.zoo()
    added = store.add(tmp_path, revision(1), rows)
    assert (added.cases, added.new) == (12, True)
    entry = store.load(tmp_path)[revision(1).commit]
    assert entry.subject == "Change 1"
    assert {case: dict(result.metrics) for case, result in entry.results.items()} == {
        row.case: dict(row.metrics) for row in rows
    }
    record = store.detailed(tmp_path, rows[0].case, entry.results[rows[0].case])
    assert record.symbols == rows[0].symbols
    assert record.operators == rows[0].operators
    assert record.provenance["flags"] == rows[0].provenance["flags"]


def test_nothing_is_ever_changed_and_the_same_is_written_once(tmp_path: Path) -> None:
    store.add(tmp_path, revision(1), synthetic.zoo())
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.json")}
    again = store.add(tmp_path, revision(1), synthetic.zoo()[::-1])
    assert not again.new
    store.add(tmp_path, revision(2), synthetic.zoo())
    after = {path: path.read_bytes() for path in tmp_path.rglob("*.json")}
    assert len(after) == len(before) + 1, "the details are shared"
    assert all(after[path] == data for path, data in before.items())


def test_shards_of_one_commit_are_one_entry(tmp_path: Path) -> None:
    rows = synthetic.zoo()
    store.add(tmp_path, revision(1), rows[:5])
    store.add(tmp_path, revision(1), rows[5:])
    assert len(store.load(tmp_path)[revision(1).commit].results) == 12


def test_one_commit_has_one_number(tmp_path: Path) -> None:
    store.add(tmp_path, revision(1), [synthetic.record()])
    with pytest.raises(UsageError, match="Measurements of one commit do not differ"):
        store.add(tmp_path, revision(1), [synthetic.record(scale=1.1)])
    other = synthetic.record(scale=1.1)
    other = replace(other, provenance={**other.provenance, "toolchain": "gcc 15"})
    store.add(tmp_path, revision(1), [other])


def test_cases_that_failed_are_no_history(tmp_path: Path) -> None:
    bad = replace(synthetic.record(), outcome="failed")
    with pytest.raises(UsageError, match="nothing to add"):
        store.add(tmp_path, revision(1), [bad])
    store.add(tmp_path, revision(1), [bad, synthetic.record("vww")])
    assert set(store.load(tmp_path)[revision(1).commit].results) == {"vww-aot-_-O3"}


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"schema":1}', '{"schema":2}', '{"schema":1,"cases":[]}']
)
def test_a_damaged_entry_is_named(tmp_path: Path, damage: str) -> None:
    added = store.add(tmp_path, revision(1), [synthetic.record()])
    added.path.write_text(damage)
    with pytest.raises(UsageError) as error:
        store.load(tmp_path)
    assert str(added.path) in str(error.value)
    with pytest.raises(UsageError, match="no history in this folder"):
        store.load(tmp_path / "nowhere")


def test_a_step_has_its_commit_and_its_cause(tmp_path: Path) -> None:
    one = synthetic.record()
    other = synthetic.grown(one, "mlbench_conv2d", 40)
    found = made(tmp_path, one, one, other, other)
    (step,) = [step for step in steps(found) if step.metric == "rom_total"]
    assert (step.at, step.before, step.unmeasured, step.worse) == (2, 1, 0, True)
    assert step.now - step.was == 40
    assert cause(tmp_path, found, step) == ("+40 bytes  kernels .text mlbench_conv2d: 812 -> 852")
    slower = made(tmp_path / "b", one, synthetic.record(scale=1.5))
    (step,) = steps(slower)
    assert cause(tmp_path / "b", slower, step).startswith("+450,000 cycles  0 CONV_2D")


def test_the_first_bad_commit_is_where_it_never_was_as_good_again(tmp_path: Path) -> None:
    scales = [1.0, 1.2, 1.0, 1.1, 1.3, 1.3]
    found = made(tmp_path, *(synthetic.record(scale=scale) for scale in scales))
    (row,) = worse(found)
    assert (row.metric, row.since, row.best, row.now) == ("total_cycles", 3, 1_400_120, 1_820_120)
    better = made(tmp_path / "b", synthetic.record(), synthetic.record(scale=0.9))
    assert worse(better) == []


def test_commits_that_were_not_measured_are_told(tmp_path: Path) -> None:
    found = made(tmp_path, synthetic.record(), None, None, synthetic.record(scale=2))
    assert steps(found)[0].unmeasured == 2
    assert worse(found)[0].unmeasured == 2
    assert "2 commits before it were not measured" in text.render(found, lambda _: "")


def test_another_compiler_is_nobodys_step(tmp_path: Path) -> None:
    one, two = synthetic.record(), synthetic.record(scale=1.2)
    two = replace(two, provenance={**two.provenance, "toolchain": "gcc 15"})
    found = made(tmp_path, one, two)
    (step,) = steps(found)
    assert step.tools
    assert "toolchain was riscv64-unknown-elf-gcc 12.2.0, is gcc 15" in cause(tmp_path, found, step)
    assert worse(found) == []


def test_steps_of_one_commit_are_one_line(tmp_path: Path) -> None:
    line = [revision(0), revision(1)]
    store.add(tmp_path, line[0], synthetic.zoo())
    slower = [
        replace(row, metrics={**row.metrics, "total_cycles": row.metrics["total_cycles"] + at})
        for at, row in enumerate(synthetic.zoo(), 1)
    ]
    store.add(tmp_path, line[1], slower)
    found = history(store.load(tmp_path), line)
    (group,) = groups(steps(found))
    assert len(group.steps) == 12
    shown = text.render(found, lambda _: "why")
    assert "Total Cycles: 12 cases worse; most resnet-aot-" in " ".join(shown.split())
    assert all(len(row) <= 80 for row in shown.splitlines()[:20])


def test_the_check_catches_what_creeps(tmp_path: Path) -> None:
    scales = [1.0, 1.004, 1.008, 1.012]
    found = made(tmp_path, *(synthetic.record(scale=scale) for scale in scales))
    half = parse_all(CYCLES, where="")
    assert [row.state for row in check(found, half, last=1)] == ["changed"]
    assert [row.state for row in check(found, half, last=10)] == ["regressed"]
    with pytest.raises(UsageError, match="nothing to check"):
        check(made(tmp_path / "b", synthetic.record()), half)


def test_the_page_holds_plots_steps_and_tags(tmp_path: Path) -> None:
    line = [revision(0), revision(1, "v1.0"), revision(2)]
    for commit, scale in zip(line, (1.0, 1.0, 1.5), strict=True):
        store.add(tmp_path, commit, [synthetic.record(scale=scale), synthetic.record("vww")])
    found = history(store.load(tmp_path), line)
    made = page.page(found, lambda _: "<b>why</b>")
    assert "first bad commit 0000000000 2025-10-09 Change 2" in made
    assert "&lt;b&gt;why&lt;/b&gt;" in made
    assert made.count('class="tag"') == 6
    assert made.count("<circle") == 1
    assert page.page(found, lambda _: "") == page.page(found, lambda _: "")
    empty = history({}, line)
    assert "Nothing." in page.page(empty, lambda _: "")
    assert "No case" in text.render(empty, lambda _: "")


def test_without_a_repository_the_order_is_by_date(tmp_path: Path) -> None:
    for number in (3, 1, 2):
        store.add(tmp_path, revision(number), [synthetic.record()])
    line = by_date(store.load(tmp_path))
    assert [row.subject for row in line] == ["Change 1", "Change 2", "Change 3"]


def repository(folder: Path) -> Path:
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "user.name", "A")
    git(folder, "config", "user.email", "a@b")
    return folder


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *words], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(folder: Path, name: str) -> str:
    (folder / "file").write_text(name)
    git(folder, "add", "file")
    git(folder, "commit", "-q", "-m", name)
    return git(folder, "rev-parse", "HEAD")


def test_git_tells_order_tags_and_changed_files(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    first = commit(folder, "one")
    git(folder, "tag", "v1")
    second = commit(folder, "two: 'quotes', \"more\"")
    line = revisions.line(folder)
    assert [row.commit for row in line] == [first, second]
    assert line[0].tags == ("v1",)
    assert line[1].subject == "two: 'quotes', \"more\""
    assert revisions.revision(folder, "v1").commit == first
    with pytest.raises(UsageError, match="'v9' is no commit"):
        revisions.commit_of(folder, "v9")
    history_folder = folder / "history"
    revisions.clean(folder, history_folder)
    history_folder.mkdir()
    (history_folder / "x").write_text("tracked")
    git(folder, "add", ".")
    revisions.clean(folder, history_folder)
    (folder / "file").write_text("changed")
    with pytest.raises(UsageError, match="1 file differs from the commit: file"):
        revisions.clean(folder, history_folder)
    assert not revisions.is_repository(tmp_path)


def test_two_branches_merge_without_a_conflict(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    commit(folder, "base")
    store.add(folder / "h", revision(0), [synthetic.record()])
    git(folder, "add", "h")
    git(folder, "commit", "-q", "-m", "h0")
    for branch, number in (("a", 1), ("b", 2)):
        git(folder, "checkout", "-q", "-b", branch, "main")
        store.add(folder / "h", revision(9), [synthetic.record("same")])
        store.add(folder / "h", revision(number), [synthetic.record(scale=number)])
        git(folder, "add", "h")
        git(folder, "commit", "-q", "-m", branch)
    git(folder, "merge", "-q", "a")
    assert {row.subject for row in store.load(folder / "h").values()} == {
        f"Change {number}" for number in (0, 1, 2, 9)
    }
