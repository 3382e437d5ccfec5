"""Runs other programs: a list of arguments, a time limit, captured output. Never a shell.

No other module starts programs. All children of a program, even detached ones, are killed at its
time limit, on Ctrl-C, when it prints too much, and after it ends (`family`). If this process itself
is killed, its supervisor kills them.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shlex
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.errors import Unavailable

from . import family, owner
from .pump import Kept, Pump

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

OUTPUT_LIMIT = 64 << 20
"""Default limit on standard output, in bytes."""

ERROR_LIMIT = 8 << 20
"""Default limit on standard error, in bytes; only the first messages matter."""

KEPT = ("PATH", "HOME", "TMPDIR", "USER", "LOGNAME", "LD_LIBRARY_PATH")
"""The environment variables that a `bare` program inherits: they say where things are.

Everything else could change what a compiler makes: CPATH, COMPILER_PATH, GCC_EXEC_PREFIX, CFLAGS,
CMAKE_TOOLCHAIN_FILE, CMAKE_C_COMPILER_LAUNCHER, LD_PRELOAD and whatever comes next.
"""

_SUPERVISOR = Path(family.__file__)
_numbers = itertools.count()
_supervised: set[int] = set()


@dataclass(frozen=True)
class Finished:
    """A program that ended, or was killed at its time limit (`timed_out`) or for printing too much
    (`flooded`)."""

    command: tuple[str, ...]
    returncode: int
    stdout: bytes
    stderr: bytes
    timed_out: bool = False
    flooded: bool = False

    @property
    def text(self) -> str:
        """Standard output as text; undecodable bytes are replaced."""
        return self.stdout.decode("utf-8", "replace")

    @property
    def error_text(self) -> str:
        """Standard error as text; undecodable bytes are replaced."""
        return self.stderr.decode("utf-8", "replace")

    @property
    def command_line(self) -> str:
        """The command in a form to paste into a shell."""
        return shlex.join(self.command)


def run(
    command: Sequence[str | os.PathLike[str]],
    *,
    timeout: float,
    stdin: bytes | Path | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    bare: bool = False,
    output_limit: int = OUTPUT_LIMIT,
    error_limit: int = ERROR_LIMIT,
    last_words: float = 0.0,
    watch: Callable[[bytes], None] | None = None,
) -> Finished:
    """Run `command` to its end or for `timeout` seconds, whichever is first.

    `env` is added to this process's environment, of which a `bare` program gets `KEPT` only. A
    path as `stdin` is opened as the program's input. `watch` is called with each block of standard
    output as it comes. At the time limit, or when it writes more than `output_limit` bytes to
    standard output or `error_limit` bytes to standard error, it is killed with all its children.
    A program that can say where it is gets SIGINT at the time limit, and `last_words` seconds to
    say it. Raises Unavailable when the program cannot be started.
    """
    words = tuple(os.fspath(word) for word in command)
    marked = supervised()
    inherited = {name: os.environ[name] for name in KEPT if name in os.environ}
    source = stdin.open("rb") if isinstance(stdin, Path) else None
    try:
        process = subprocess.Popen(
            words,
            stdin=source or (subprocess.DEVNULL if stdin is None else subprocess.PIPE),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env={**(inherited if bare else os.environ), **(env or {}), **marked},
            start_new_session=True,
        )
    except OSError as error:
        raise Unavailable(f"cannot start {words[0]}: {error.strerror or error}") from error
    finally:
        if source is not None:
            source.close()
    stdout, stderr = Kept(output_limit, watch), Kept(error_limit)
    timed_out = False
    try:
        pump = Pump(process, stdin if isinstance(stdin, bytes) else b"", stdout, stderr)
        timed_out = pump.run(timeout)
        if timed_out and last_words:
            process.send_signal(signal.SIGINT)
            pump.run(last_words)
    finally:
        _end(process, marked[family.MARK])
    flooded = stdout.over or stderr.over
    return Finished(words, process.returncode, stdout.data, stderr.data, timed_out, flooded)


def supervised() -> dict[str, str]:
    """What a program's environment needs, so that it ends with this process at the latest."""
    _supervise()
    return {family.MARK: f"{owner.name()}.{next(_numbers)}."}


def end_all() -> None:
    """Kills all programs that any thread of this process has started."""
    family.end(f"{owner.name()}.")


def supervise_workers() -> None:
    """Let the worker processes that somebody else starts from here end with this process.

    xdist's workers notice that their controller is gone, but take 5 s or more for it when they are
    busy. A worker calls `leave_workers`, so that what its tests start is not marked as well.
    """
    os.environ[family.MARK] = _workers_mark()
    _supervise()


def end_workers() -> None:
    """Kills the workers that were started since `supervise_workers`."""
    family.end(_workers_mark())


def leave_workers() -> None:
    """In a worker: let what it starts not count as a worker."""
    os.environ.pop(family.MARK, None)


def _workers_mark() -> str:
    return f"{owner.name()}-workers"


def _end(process: subprocess.Popen[bytes], mark: str) -> None:
    """Kills the program's remaining processes and closes its pipes."""
    ended = process.poll() is not None
    if not ended:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
    family.end(mark, looks=1 if ended else 2)
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    process.wait()


def _supervise() -> None:
    """Starts this process's supervisor once. Without it, children could outlive a kill."""
    if os.getpid() in _supervised or not sys.executable or not Path("/proc/self/environ").exists():
        return
    _supervised.add(os.getpid())
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    silent = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
    marks = f"{owner.name()}.", _workers_mark()
    command = [sys.executable, "-S", "-E", str(_SUPERVISOR), str(os.getpid()), *marks]
    with contextlib.suppress(OSError):
        os.posix_spawn(sys.executable, command, environment, file_actions=silent)
