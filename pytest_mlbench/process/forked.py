"""Runs a Python function in a process of its own, which is forked from one that has imported what
the function needs.

Where the same small script would be started hundreds of times, this saves the imports. As with a
script, a crash of the function ends its own process only. The caller's main module is not imported,
so scripts without `if __name__ == "__main__"` can use it as well.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

from pytest_mlbench.errors import Unavailable

from . import ERROR_LIMIT, OUTPUT_LIMIT, Finished, family, fork_server, scratch, supervised

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GRACE = 60.0
"""Seconds beyond a call's time limit to wait for its answer: the first call waits for the imports,
and a process in an uninterruptible wait cannot be killed."""


FILE_LIMIT = 1 << 30
"""Limit on each file that a call writes, in bytes: one that prints without end fills no disk."""


def run(
    function: Callable[[list[str]], int],
    arguments: list[str],
    *,
    imports: tuple[str, ...],
    timeout: float,
) -> Finished:
    """Calls `function`, a module's own, with `arguments`; its result, 0 to 255, is the exit status.

    `imports` are the modules to import once, before the first call. What the function prints is
    captured; at the time limit in seconds, the process is killed. Raises Unavailable if the process
    that forks cannot be started or is gone.
    """
    module = function.__module__
    with scratch.folder("forked") as folder:
        status = _server(imports).ask(
            {
                "module": module,
                "function": function.__name__,
                "arguments": arguments,
                "folder": str(folder),
                "limit": FILE_LIMIT,
            },
            timeout,
        )
        out = _read(folder / "out", OUTPUT_LIMIT)
        error = _read(folder / "error", ERROR_LIMIT)
    late, flooded = status == -signal.SIGALRM, status == -signal.SIGXFSZ
    return Finished((module, *arguments), status, out, error, late, flooded)


class _Server:
    """A running `fork_server`; one call at a time."""

    def __init__(self, imports: tuple[str, ...]) -> None:
        self._owner = os.getpid()
        self._imports = imports
        self._lock = threading.Lock()
        marked = supervised()
        self._mark = marked[family.MARK]
        # One thread only: a fork copies no other.
        environment = {**os.environ, **marked, "OPENBLAS_NUM_THREADS": "1"}
        received, answers = os.pipe()
        self._answers = os.fdopen(received, "rb", buffering=0)
        try:
            self._process = subprocess.Popen(
                [sys.executable, fork_server.__file__, str(answers)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
                pass_fds=(answers,),
                text=True,
            )
        except OSError as error:
            self._answers.close()
            raise Unavailable(f"cannot start {sys.executable}: {error.strerror}") from error
        finally:
            os.close(answers)
        atexit.register(self.close)
        # Python ignores what is no text in its search path.
        path = [folder for folder in sys.path if isinstance(folder, str)]
        self._send({"path": path, "imports": imports})

    def ask(self, request: dict[str, object], timeout: float) -> int:
        """The exit status of the process that `request` describes.

        After an interrupt, the server is ended: its answer would be taken for the next call's.
        """
        with self._lock:
            try:
                self._send({**request, "timeout": timeout})
                answer = self._answer(timeout + GRACE)
            except TimeoutError:
                self.close()
                return -signal.SIGALRM
            except BaseException:
                self.close()
                raise
            if answer:
                return int(answer)
            self.close()
        raise Unavailable(
            "the process that runs Python functions apart has ended (status "
            f"{self._process.returncode}); it imports {', '.join(self._imports) or 'nothing'}"
        )

    @property
    def ended(self) -> bool:
        """Is it gone?"""
        return self._process.poll() is not None

    def close(self) -> None:
        """Ends it and a call that is under way. In a fork of its owner, this does nothing."""
        if os.getpid() != self._owner:
            return
        atexit.unregister(self.close)
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        self._process.kill()
        self._process.wait()
        family.end(self._mark, looks=1)
        self._answers.close()

    def _answer(self, seconds: float) -> bytes:
        """The line that it answers; empty if it has ended. Raises TimeoutError."""
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        until = time.monotonic() + seconds
        line = b""
        while not line.endswith(b"\n"):
            if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
                raise TimeoutError
            block = self._answers.read(64)
            if not block:
                return b""
            line += block
        return line

    def _send(self, row: dict[str, object]) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(OSError, ValueError):  # gone: `ask` reads no answer
                self._process.stdin.write(json.dumps(row) + "\n")
                self._process.stdin.flush()


_servers: dict[tuple[int, tuple[str, ...]], _Server] = {}


def _server(imports: tuple[str, ...]) -> _Server:
    """This process's server: one that was forked has its parent's pipes, but must not use them."""
    key = os.getpid(), imports
    if key not in _servers or _servers[key].ended:
        _servers[key] = _Server(imports)
    return _servers[key]


def _read(path: Path, limit: int) -> bytes:
    """The first `limit` bytes of a file; none if it is missing."""
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        return file.read(limit)
