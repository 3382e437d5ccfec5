"""Remembers unreachable hosts, so that many fetches wait for only one time-out."""

from __future__ import annotations

import contextlib
import json
import time
import urllib.parse
from typing import TYPE_CHECKING

from pytest_mlbench.process import owner

from .cache import safe_name

if TYPE_CHECKING:
    from pathlib import Path

    from .cache import Cache

VALID = 120.0
"""Without a session's name, a host's failure is remembered for this many seconds."""


class Hosts:
    """Remembers failures in this process and, through a small file in the cache, across workers.

    With a `session` (any string that all workers of one run share), notes of other sessions are
    ignored, so that a run after the network is repaired tries again.
    """

    def __init__(self, cache: Cache, session: str = "") -> None:
        self._cache = cache
        self._session = session
        self._known: dict[str, str] = {}

    def reason(self, url: str) -> str:
        """Why the host of `url` is considered unreachable; empty if it is not."""
        host = host_of(url)
        if host in self._known:
            return self._known[host]
        try:
            note = json.loads(self._note(host).read_text(encoding="utf-8"))
            fresh = 0 <= time.time() - float(note["time"]) < VALID
            if note["session"] == self._session and (fresh or self._session):
                self._known[host] = str(note["reason"])
                return self._known[host]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            pass
        return ""

    def mark(self, url: str, reason: str) -> None:
        """Remembers that the host of `url` cannot be reached."""
        host = host_of(url)
        self._known[host] = reason
        note = {"time": time.time(), "session": self._session, "reason": reason}
        with contextlib.suppress(OSError):  # a note that cannot be written costs a time-out later
            path = self._note(host)
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(f".{owner.name()}.partial")
            partial.write_text(json.dumps(note), encoding="utf-8")
            partial.replace(path)

    def forget(self) -> None:
        """Forgets all failures, so that every host is tried again."""
        self._known.clear()
        for path in (self._cache.root / "hosts").glob("*"):
            with contextlib.suppress(OSError):
                path.unlink()

    def _note(self, host: str) -> Path:
        return self._cache.root / "hosts" / f"{safe_name(host)}.json"


def host_of(url: str) -> str:
    """Host and port of `url`."""
    return urllib.parse.urlsplit(url).netloc.rpartition("@")[2]
