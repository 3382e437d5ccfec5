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
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.errors import Unavailable

from . import Finished, fork_server, supervised

if TYPE_CHECKING:
    from collections.abc import Callable


def run(
    function: Callable[[list[str]], int],
    arguments: list[str],
    *,
    imports: tuple[str, ...],
    timeout: float,
) -> Finished:
    """Calls `function`, a module's own, with `arguments`; its result is the exit status.

    `imports` are the modules to import once, before the first call. What the function prints is
    captured; at the time limit in seconds, the process is killed. Raises Unavailable if the process
    that forks cannot be started or is gone.
    """
    module = function.__module__
    with tempfile.TemporaryDirectory(prefix="mlbench-forked-") as folder:
        status = _server(imports).ask(
            {
                "module": module,
                "function": function.__name__,
                "arguments": arguments,
                "folder": folder,
                "timeout": timeout,
            }
        )
        out, error = (_read(Path(folder, name)) for name in ("out", "error"))
    return Finished((module, *arguments), status, out, error, status == -signal.SIGALRM)


class _Server:
    """A running `fork_server`; one call at a time."""

    def __init__(self, imports: tuple[str, ...]) -> None:
        # One thread only: a fork copies no other.
        environment = {**os.environ, **supervised(), "OPENBLAS_NUM_THREADS": "1"}
        try:
            self._process = subprocess.Popen(
                [sys.executable, fork_server.__file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
                text=True,
            )
        except OSError as error:
            raise Unavailable(f"cannot start {sys.executable}: {error.strerror}") from error
        self._lock = threading.Lock()
        self._send({"path": sys.path, "imports": imports})
        atexit.register(self.close)

    def ask(self, request: dict[str, object]) -> int:
        """The exit status of the process that `request` describes."""
        with self._lock:
            self._send(request)
            answer = self._process.stdout.readline() if self._process.stdout else ""
        if not answer:
            self.close()
            raise Unavailable("the process that runs Python functions apart has ended")
        return int(answer)

    @property
    def ended(self) -> bool:
        """Is it gone?"""
        return self._process.poll() is not None

    def close(self) -> None:
        """Ends it: it reads to the end of its input."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        self._process.kill()
        self._process.wait()

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


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""
