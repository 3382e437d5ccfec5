"""Starting a run cheaply: in a process that begins with everything imported.

Each run is forked from `warm`'s server: a process in a session of its own that calls `pytest.main`.
A `fresh` run is a new interpreter, as a user starts it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import warm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class Run:
    """A run under way. Its output goes to the file `told`."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        told: Path,
        fresh: bool,
        beside: int = 0,
    ) -> None:
        """`beside`: the process whose namespaces a forked run joins; 0 for none."""
        assert not (fresh and beside)
        self._told = told
        self._began = time.monotonic()
        self._fresh: subprocess.Popen[bytes] | None = None
        told.unlink(missing_ok=True)
        if fresh:
            with told.open("wb") as stream:
                self._fresh = subprocess.Popen(
                    [sys.executable, "-m", "pytest", *arguments],
                    cwd=cwd,
                    env=dict(env),
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    preexec_fn=_as_in_a_terminal,
                )
            self.pid = self._fresh.pid
        else:
            self._forked = warm.context().Process(
                target=_run,
                args=(list(arguments), str(cwd), dict(env), str(told), beside),
                daemon=True,
            )
            self._forked.start()
            self.pid = self._forked.pid or 0

    def wait(self, seconds: float) -> int | None:
        """The exit status, negative for a signal; None where it runs on."""
        if self._fresh is not None:
            try:
                return self._fresh.wait(seconds)
            except subprocess.TimeoutExpired:
                return None
        self._forked.join(seconds)
        return self._forked.exitcode

    def kill(self) -> None:
        """SIGKILL, to this one process only."""
        if self.wait(0) is None:
            os.kill(self.pid, signal.SIGKILL)
        self.wait(30)

    def signal(self, number: int) -> None:
        """Send a signal to the whole process group, as a terminal and a CI runner do."""
        if self.wait(0) is None:
            os.killpg(self.pid, number)

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._began

    @property
    def output(self) -> str:
        """What it said until now."""
        return self._told.read_text("utf-8", "replace") if self._told.is_file() else ""


def _run(arguments: list[str], cwd: str, env: dict[str, str], told: str, beside: int) -> None:
    """The forked process."""
    os.setsid()
    if beside:
        _join(beside)
    _as_in_a_terminal()
    output = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    warm.take_over((os.open(os.devnull, os.O_RDONLY), output, os.dup(output)), cwd, env)
    sys.argv = ["pytest", *arguments]
    import pytest

    status = int(pytest.main(arguments))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _join(process: int) -> None:
    """Enter the namespaces of the users, the network and the mounts of `process` (setns(2))."""
    library = ctypes.CDLL(None, use_errno=True)
    for kind in ("user", "net", "mnt"):
        handle = os.open(f"/proc/{process}/ns/{kind}", os.O_RDONLY)
        if library.setns(handle, 0):
            raise OSError(ctypes.get_errno(), f"the namespace {kind} of {process} is closed")
        os.close(handle)


def _as_in_a_terminal() -> None:
    """A shell's background jobs ignore what a terminal sends, and their children inherit that."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
