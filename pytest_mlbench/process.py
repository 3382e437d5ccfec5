"""The only door to other programs: a list of arguments, a time limit, text back. Never a shell."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import tempfile
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from .errors import CannotRun

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True)
class Finished:
    """A program that came to its end, or was ended at its time limit (`timed_out`) or for writing
    too much (`flooded`)."""

    command: tuple[str, ...]
    returncode: int
    stdout: bytes
    stderr: bytes
    timed_out: bool = False
    flooded: bool = False

    @property
    def text(self) -> str:
        """Standard output as text, undecodable bytes replaced."""
        return self.stdout.decode("utf-8", "replace")

    @property
    def error_text(self) -> str:
        """Standard error as text, undecodable bytes replaced."""
        return self.stderr.decode("utf-8", "replace")

    @property
    def command_line(self) -> str:
        """The command as one could paste it into a shell."""
        return shlex.join(self.command)


def run(
    command: Sequence[str | os.PathLike[str]],
    *,
    timeout: float,
    stdin: bytes | Path | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    output_limit: int | None = None,
) -> Finished:
    """Run `command` to its end or for `timeout` seconds, whichever is first.

    `env` is added to this process's environment. A path as `stdin` is opened as the program's
    input. At the time limit, or soon after it wrote more than `output_limit` bytes to standard
    output, the whole process group is killed. Raises CannotRun when the program cannot be started.
    """
    words = tuple(os.fspath(word) for word in command)
    if output_limit is None:
        return _run(words, subprocess.PIPE, timeout=timeout, stdin=stdin, cwd=cwd, env=env)
    with tempfile.TemporaryFile() as sink:
        watch = _Watch(sink.fileno(), output_limit)
        done = _run(words, sink, timeout=timeout, stdin=stdin, cwd=cwd, env=env, watch=watch)
        sink.seek(0)
        return replace(done, stdout=sink.read(output_limit), flooded=watch.flooded)


def _run(
    words: tuple[str, ...],
    stdout_to: int | IO[bytes],
    *,
    timeout: float,
    stdin: bytes | Path | None,
    cwd: Path | None,
    env: Mapping[str, str] | None,
    watch: _Watch | None = None,
) -> Finished:
    source = stdin.open("rb") if isinstance(stdin, Path) else None
    try:
        process = subprocess.Popen(
            words,
            stdin=source or (subprocess.DEVNULL if stdin is None else subprocess.PIPE),
            stdout=stdout_to,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
    except OSError as error:
        raise CannotRun(f"cannot start {words[0]}: {error.strerror or error}") from error
    finally:
        if source is not None:
            source.close()
    data = stdin if isinstance(stdin, bytes) else None
    timed_out = False
    with watch.over(process) if watch is not None else contextlib.nullcontext():
        try:
            stdout, stderr = process.communicate(data, timeout=timeout)
        except subprocess.TimeoutExpired:
            _kill_group(process)
            stdout, stderr = process.communicate()
            timed_out = True
        except BaseException:
            _kill_group(process)
            process.communicate()
            raise
    return Finished(words, process.returncode, stdout or b"", stderr, timed_out)


class _Watch:
    """Kills a program whose output file grows beyond a limit."""

    EVERY = 0.05

    def __init__(self, file: int, limit: int) -> None:
        self.file = file
        self.limit = limit
        self.flooded = False
        self._ended = threading.Event()

    @contextlib.contextmanager
    def over(self, process: subprocess.Popen[bytes]) -> Iterator[None]:
        """Watch while the block runs."""
        thread = threading.Thread(target=self._look, args=(process,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()
            self.flooded = os.fstat(self.file).st_size > self.limit

    def _look(self, process: subprocess.Popen[bytes]) -> None:
        while not self._ended.wait(self.EVERY):
            if os.fstat(self.file).st_size > self.limit:
                _kill_group(process)
                return


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
