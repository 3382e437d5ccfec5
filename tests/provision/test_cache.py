from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from loopback import wait_for

from pytest_mlbench import progress
from pytest_mlbench.errors import DiskFull, Unavailable, UsageError
from pytest_mlbench.process import owner
from pytest_mlbench.provision import cache as module
from pytest_mlbench.provision.cache import Cache, safe_name
from pytest_mlbench.provision.stamp import STAMP


def write(text: str, calls: list[str] | None = None):
    def make(folder: Path) -> None:
        if calls is not None:
            calls.append(text)
        (folder / "sub").mkdir()
        (folder / "sub" / "file").write_text(text, encoding="utf-8")

    return make


def test_an_entry_is_made_once(cache: Cache) -> None:
    calls: list[str] = []
    first = cache.entry("kind", "key", write("a", calls))
    second = cache.entry("kind", "key", write("b", calls))
    assert first == second == cache.root / "kind" / "key"
    assert (first / "sub/file").read_text() == "a"
    assert calls == ["a"]
    assert cache.has("kind", "key")
    assert not cache.has("kind", "other")


def test_the_cache_is_tagged_for_backup_programs(cache: Cache) -> None:
    cache.entry("kind", "key", write("a"))
    tag = (cache.root / "CACHEDIR.TAG").read_text()
    assert tag.startswith("Signature: 8a477f597d28d172789f06886806bc55\n")


def test_a_failed_make_leaves_nothing(cache: Cache) -> None:
    def broken(folder: Path) -> None:
        (folder / "half").touch()
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        cache.entry("kind", "key", broken)
    assert list((cache.root / "kind").iterdir()) == []
    assert (cache.entry("kind", "key", write("a")) / "sub/file").read_text() == "a"


@pytest.mark.parametrize("damage", ["stamp", "file", "size", "extra", "garbage", "deep", "list"])
def test_a_damaged_entry_is_made_again_and_that_is_said(
    cache: Cache, damage: str, lines: list[str]
) -> None:
    folder = cache.entry("kind", "key", write("good"))
    match damage:
        case "stamp":
            (folder / STAMP).unlink()
        case "file":
            (folder / "sub/file").unlink()
        case "size":
            (folder / "sub/file").write_text("")
        case "extra":
            (folder / "sub/other").touch()
        case "garbage":
            (folder / STAMP).write_bytes(b"\0\xff")
        case "deep":
            (folder / STAMP).write_text("[" * 100_000)
        case "list":
            (folder / STAMP).write_text("[1]")
    assert not cache.has("kind", "key")
    again = cache.entry("kind", "key", write("good"))
    assert (again / "sub/file").read_text() == "good"
    assert not (again / "sub/other").exists()
    assert len(lines) == 1
    assert lines[0].startswith("kind key in the cache is damaged (")
    assert lines[0].endswith("): made again")


def test_a_file_of_the_same_size_is_found_out_where_contents_count(
    cache: Cache, lines: list[str]
) -> None:
    folder = cache.entry("kind", "key", write("good"), exact=True)
    assert cache.entry("kind", "key", write("not made"), exact=True) == folder
    (folder / "sub/file").write_text("evil")
    again = cache.entry("kind", "key", write("good"), exact=True)
    assert (again / "sub/file").read_text() == "good"
    assert lines == ["kind key in the cache is damaged (sub/file was changed): made again"]


def test_an_entry_without_checksums_is_made_again_in_silence(
    cache: Cache, lines: list[str]
) -> None:
    cache.entry("kind", "key", write("old"))
    folder = cache.entry("kind", "key", write("new"), exact=True)
    assert (folder / "sub/file").read_text() == "new"
    assert lines == []


def test_a_lock_that_is_a_folder_is_replaced(cache: Cache) -> None:
    (cache.root / "locks/kind/key.lock/below").mkdir(parents=True)
    assert (cache.entry("kind", "key", write("a")) / "sub/file").read_text() == "a"


def test_what_killed_runs_left_is_removed_by_any_run(cache: Cache, tmp_path: Path) -> None:
    script = f"""
import os, pathlib, signal
from pytest_mlbench.provision.cache import Cache
def make(folder):
    (folder / "half").touch()
    os.kill(os.getpid(), signal.SIGKILL)
Cache(pathlib.Path({str(cache.root)!r})).entry("kind", "never again", make)
"""
    subprocess.run([sys.executable, "-c", script], check=False)
    mine = cache.root / "kind" / f".mine.{owner.name()}.0.partial"
    mine.mkdir()
    assert len(list((cache.root / "kind").iterdir())) == 2
    cache.entry("other", "key", write("a"))
    assert list((cache.root / "kind").iterdir()) == [mine]


def test_an_entry_that_fails_its_own_check_is_made_again(cache: Cache) -> None:
    cache.entry("kind", "key", write("good"))
    (cache.root / "kind/key/sub/file").write_text("evil")  # the same size: only `verify` sees it

    def good(folder: Path) -> bool:
        return (folder / "sub/file").read_text() == "good"

    folder = cache.entry("kind", "key", write("good"), verify=good)
    assert (folder / "sub/file").read_text() == "good"
    with pytest.raises(Unavailable, match="failed its check"):
        cache.entry("kind", "other", write("evil"), verify=good)
    assert not (cache.root / "kind/other").exists()


def test_a_kill_while_making_repairs_itself(cache: Cache, tmp_path: Path) -> None:
    script = f"""
import pathlib, sys, time
from pytest_mlbench.provision.cache import Cache
def make(folder):
    (folder / "sub").mkdir()
    (folder / "sub" / "half").touch()
    pathlib.Path({str(tmp_path / "under-way")!r}).touch()
    time.sleep(60)
Cache(pathlib.Path({str(cache.root)!r})).entry("kind", "key", make)
"""
    child = subprocess.Popen([sys.executable, "-c", script])
    try:
        wait_for((tmp_path / "under-way").exists)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert [path.suffix for path in (cache.root / "kind").iterdir()] == [".partial"]
    folder = cache.entry("kind", "key", write("whole"))
    assert sorted(path.name for path in (folder / "sub").iterdir()) == ["file"]
    assert [path.name for path in (cache.root / "kind").iterdir()] == ["key"]


def test_a_program_that_outlives_a_killed_worker_does_no_harm(cache: Cache, tmp_path: Path) -> None:
    """The worker is killed; the program it had started goes on writing where it was told to."""
    writer = """
import itertools, pathlib, sys
for number in itertools.count():
    folder = pathlib.Path(sys.argv[1], "sub")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"junk-{number}").touch()
"""
    script = f"""
import pathlib, subprocess, sys, time
from pytest_mlbench.provision.cache import Cache
def make(folder):
    child = subprocess.Popen([sys.executable, "-c", {writer!r}, folder], start_new_session=True)
    pathlib.Path({str(tmp_path / "pid")!r}).write_text(str(child.pid))
    while not (folder / "sub" / "junk-9").exists():
        time.sleep(0.01)
    pathlib.Path({str(tmp_path / "under-way")!r}).touch()
    time.sleep(60)
Cache(pathlib.Path({str(cache.root)!r})).entry("kind", "key", make)
"""
    worker = subprocess.Popen([sys.executable, "-c", script])
    try:
        wait_for((tmp_path / "under-way").exists)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        for _ in range(3):
            folder = cache.entry("kind", "key", write("whole"))
            assert sorted(path.name for path in (folder / "sub").iterdir()) == ["file"]
            (folder / STAMP).unlink()
    finally:
        worker.kill()
        worker.wait()
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


WORKER = """
import pathlib, sys, time
from pytest_mlbench.provision.cache import Cache
root, log, begun, number = map(pathlib.Path, sys.argv[1:])
(begun / number).touch()
def make(folder):
    with log.open("a") as file:
        file.write("made\\n")
    until = time.monotonic() + 20
    while len(list(begun.iterdir())) < 3 and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.1)
    (folder / "file").write_text("x")
assert (Cache(root).entry("kind", "key", make) / "file").read_text() == "x"
"""


def test_parallel_workers_make_an_entry_once(cache: Cache, tmp_path: Path) -> None:
    """The one that makes it goes on when all have begun."""
    log, begun = tmp_path / "log", tmp_path / "begun"
    begun.mkdir()
    words = [sys.executable, "-c", WORKER, cache.root, log, begun]
    workers = [subprocess.Popen([*words, str(number)]) for number in range(3)]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    assert log.read_text() == "made\n"


def test_waiting_for_another_worker_is_shown(
    cache: Cache, tmp_path: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other worker goes on as soon as that is said."""
    monkeypatch.setattr(progress, "_pace", (0.05, 10.0))
    begun, said = tmp_path / "begun", tmp_path / "said"
    script = f"""
import pathlib, time
from pytest_mlbench.provision.cache import Cache
def make(folder):
    pathlib.Path({str(begun)!r}).touch()
    end = time.monotonic() + 60
    while not pathlib.Path({str(said)!r}).exists() and time.monotonic() < end:
        time.sleep(0.01)
Cache(pathlib.Path({str(cache.root)!r})).entry("kind", "key", make)
"""
    child = subprocess.Popen([sys.executable, "-c", script])
    wait_for(begun.exists)

    def hear(line: str) -> None:
        lines.append(line)
        said.touch()

    progress.set_sink(hear)
    cache.entry("kind", "key", write("not made"))
    assert child.wait() == 0
    assert lines[0] == "waiting for another worker that makes kind key ..."
    assert not (cache.root / "kind/key/sub").exists()


def test_a_lock_that_is_never_released_is_told(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOCK_TIMEOUT", 0.1)
    with pytest.raises(Unavailable, match="another process held the lock"):
        cache.entry("kind", "key", lambda _: cache.entry("kind", "key", write("a")).touch())


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told(cache: Cache, number: int) -> None:
    def full(folder: Path) -> None:
        raise OSError(number, os.strerror(number), str(folder / "file"))

    with pytest.raises(DiskFull, match="the disk is full") as caught:
        cache.entry("kind", "key", full)
    assert "MLBENCH_CACHE" in str(caught.value)
    assert str(cache.root) in str(caught.value)


def test_a_cache_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for root in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(UsageError, match="is not a folder"):
            Cache(root).entry("kind", "key", write("a"))


def deny(cache: Cache, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Make locks fail as on a file system that cannot be written (root may write anywhere)."""

    def no(*_: object) -> None:
        raise OSError(number, os.strerror(number), str(cache.root / "locks"))

    monkeypatch.setattr(Cache, "_lock", no)


def test_a_cache_that_cannot_be_written_is_told(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    deny(cache, monkeypatch, errno.EACCES)
    with pytest.raises(UsageError, match="cannot be written"):
        cache.entry("kind", "key", write("a"))


def test_a_read_only_cache_still_serves_what_it_has(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = cache.entry("kind", "key", write("a"))
    deny(cache, monkeypatch, errno.EROFS)
    assert cache.entry("kind", "key", write("b")) == folder
    with pytest.raises(UsageError, match="cannot be written"):
        cache.entry("kind", "other", write("b"))


def test_a_place_where_no_folder_can_be_made_is_told() -> None:
    with pytest.raises(UsageError, match="cannot be created"):
        Cache(Path("/proc/nowhere/cache")).entry("kind", "key", write("a"))


def test_an_error_that_is_not_about_the_cache_passes(cache: Cache) -> None:
    def elsewhere(_: Path) -> None:
        raise PermissionError(errno.EACCES, "denied", "/elsewhere/file")

    with pytest.raises(PermissionError):
        cache.entry("kind", "key", elsewhere)


def test_names_are_safe_and_distinct(cache: Cache) -> None:
    names = ["aww-O3", "../../etc/passwd", "a/b", "a-b", "", ".", "..", "x" * 300, "x" * 301, "ä"]
    safe = [safe_name(name) for name in names]
    assert safe[0] == "aww-O3"
    assert len(set(safe)) == len(safe)
    assert all("/" not in name and not name.startswith(".") and len(name) < 130 for name in safe)


def test_read_only_folders_in_a_damaged_entry_are_removed(cache: Cache) -> None:
    folder = cache.entry("kind", "key", write("a"))
    (folder / "sub").chmod(0o500)
    (folder / STAMP).write_text(json.dumps({}))
    assert (cache.entry("kind", "key", write("b")) / "sub/file").read_text() == "b"


def test_a_read_only_cache_does_not_serve_what_no_longer_fits_its_sources(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = cache.entry("kind", "key", write("a"))
    deny(cache, monkeypatch, errno.EROFS)
    assert cache.entry("kind", "key", write("b"), current=lambda _: True) == folder
    with pytest.raises(UsageError, match="cannot be written"):
        cache.entry("kind", "key", write("b"), current=lambda _: False)
