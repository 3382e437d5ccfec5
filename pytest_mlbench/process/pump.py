"""Handles a running program's three streams without threads, with limits on time and output."""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import time
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCK = 1 << 16
POLL = 0.05
"""Interval in seconds to check whether the program has ended while its pipes are open."""

LINGER = 0.5
"""Seconds to go on reading a pipe after the program's end, if a detached child holds it open."""


class Kept:
    """The output of one stream: the first `limit` bytes, and whether there were more.

    `watch` is called with each block as it arrives.
    """

    def __init__(self, limit: int, watch: Callable[[bytes], None] | None = None) -> None:
        self.limit = limit
        self._watch = watch
        self.over = False
        self._blocks: list[bytes] = []
        self._size = 0

    def add(self, block: bytes) -> None:
        """Adds one block."""
        if self._watch is not None:
            self._watch(block)
        room = self.limit - self._size
        self.over = self.over or len(block) > room
        if room > 0:
            self._blocks.append(block[:room])
            self._size += min(room, len(block))

    @property
    def data(self) -> bytes:
        """All that was kept."""
        return b"".join(self._blocks)


class Pump:
    """Writes a program's input and reads its output."""

    def __init__(
        self, process: subprocess.Popen[bytes], data: bytes, stdout: Kept, stderr: Kept
    ) -> None:
        self._process = process
        self._data = memoryview(data)
        self._kept = {process.stdout: stdout, process.stderr: stderr}

    def run(self, timeout: float) -> bool:
        """Runs until the program ends, prints too much, or `timeout` seconds pass (then True)."""
        until = time.monotonic() + timeout
        ended: float | None = None
        with selectors.DefaultSelector() as selector:
            for stream in self._kept:
                self._open(selector, stream, selectors.EVENT_READ)
            self._open(selector, self._process.stdin, selectors.EVENT_WRITE)
            while selector.get_map():
                now = time.monotonic()
                if any(kept.over for kept in self._kept.values()):
                    return False
                if now >= until:
                    return True
                if ended is None and self._process.poll() is not None:
                    ended = now
                if ended is not None and now - ended > LINGER:
                    return False
                for key, _ in selector.select(min(POLL, until - now)):
                    self._serve(selector, key.data)
        while self._process.poll() is None:
            if time.monotonic() >= until:
                return True
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(min(POLL, max(until - time.monotonic(), 0.001)))
        return False

    @staticmethod
    def _open(selector: selectors.BaseSelector, stream: IO[bytes] | None, event: int) -> None:
        if stream is not None and not stream.closed:
            os.set_blocking(stream.fileno(), False)
            selector.register(stream, event, stream)

    def _serve(self, selector: selectors.BaseSelector, stream: IO[bytes]) -> None:
        if stream is self._process.stdin:
            if not self._write(stream):
                selector.unregister(stream)
                with contextlib.suppress(OSError):
                    stream.close()
            return
        try:
            block = os.read(stream.fileno(), BLOCK)
        except BlockingIOError:
            return
        if block:
            self._kept[stream].add(block)
        else:
            selector.unregister(stream)

    def _write(self, stream: IO[bytes]) -> bool:
        """Writes some of the input; False if none is left or the program does not read it."""
        if not self._data:
            return False
        try:
            written = os.write(stream.fileno(), self._data[:BLOCK])
        except BlockingIOError:
            return True
        except OSError:  # the program closed its input, as it may
            return False
        self._data = self._data[written:]
        return bool(self._data)
