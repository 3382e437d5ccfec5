from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from entries import write

from pytest_mlbench.errors import DiskFull, Unavailable, UsageError
from pytest_mlbench.process import owner
from pytest_mlbench.provision.cache import Cache, safe_name
from pytest_mlbench.provision.stamp import STAMP


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
