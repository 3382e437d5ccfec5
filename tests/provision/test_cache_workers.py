"""Several processes and one cache: kills, waiting, locks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from entries import write
from loopback import wait_for

from pytest_mlbench import progress
from pytest_mlbench.errors import Unavailable
from pytest_mlbench.provision import cache as module
from pytest_mlbench.provision.stamp import STAMP

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_mlbench.provision.cache import Cache


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
