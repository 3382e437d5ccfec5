"""The only door to other programs: a list of arguments, a time limit, text back. Never a shell."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import CannotRun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Finished:
    """A program that came to its end, or was ended at its time limit (`timed_out`)."""

    command: tuple[str, ...]
    returncode: int
    stdout: bytes
    stderr: bytes
    timed_out: bool = False

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
) -> Finished:
    """Run `command` to its end or for `timeout` seconds, whichever is first.

    `env` is added to this process's environment. A path as `stdin` is opened as the program's
    input. At the time limit the whole process group is killed. Raises CannotRun when the program
    cannot be started.
    """
    words = tuple(os.fspath(word) for word in command)
    source = stdin.open("rb") if isinstance(stdin, Path) else None
    try:
        process = subprocess.Popen(
            words,
            stdin=source or (subprocess.DEVNULL if stdin is None else subprocess.PIPE),
            stdout=subprocess.PIPE,
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
    try:
        stdout, stderr = process.communicate(data, timeout=timeout)
    except subprocess.TimeoutExpired:
        _kill_group(process)
        stdout, stderr = process.communicate()
        return Finished(words, process.returncode, stdout, stderr, timed_out=True)
    except BaseException:
        _kill_group(process)
        process.communicate()
        raise
    return Finished(words, process.returncode, stdout, stderr)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
