"""What a process does while it waits for an entry of the cache."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from entries import write

from pytest_mlbench.provision.cache import Cache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECONDS = 60.0


class Other:
    """Another process's cache, in a thread: it makes an entry until `end` is set."""

    def __init__(self, root: Path) -> None:
        self.begun, self.end = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=Cache(root).entry, args=("kind", "key", self._make))
        self._thread.start()
        assert self.begun.wait(SECONDS)

    def _make(self, folder: Path) -> None:
        self.begun.set()
        assert self.end.wait(SECONDS), "the waiting process did not do its jobs"
        write("theirs")(folder)

    def join(self) -> None:
        self.end.set()
        self._thread.join()


def test_jobs_are_done_until_the_entry_is_there(cache: Cache) -> None:
    done: list[str] = []
    other = Other(cache.root)

    def failing() -> None:
        done.append("failing")
        raise ValueError("what depends on it meets this again")

    def last() -> None:
        done.append(cache.entry("jobs", "own", write("own")).name)
        other.end.set()

    def jobs() -> Iterator[Callable[[], object]]:
        yield failing
        yield last
        other.join()
        yield lambda: done.append("one more, and then the entry is seen to be there")
        yield lambda: done.append("later")

    cache.meanwhile = jobs()
    place = cache.entry("kind", "key", write("ours"))
    assert (place / "sub/file").read_text() == "theirs"
    assert done[:2] == ["failing", "own"]
    assert len(done) in {2, 3}, "the entry was there"
    other.join()
    assert cache.entry("kind", "another", write("a")).is_dir(), "no lock is left"


def test_who_holds_a_lock_does_no_jobs(cache: Cache) -> None:
    """A job could need an entry whose maker waits for that lock."""
    done: list[str] = []
    other = Other(cache.root)
    timer = threading.Timer(0.5, other.end.set)

    def make(folder: Path) -> None:
        timer.start()
        cache.entry("kind", "key", write("ours"))
        write("outer")(folder)

    cache.meanwhile = iter([lambda: done.append("job")])
    cache.entry("kind", "outer", make)
    other.join()
    assert done == []
