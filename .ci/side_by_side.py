"""Run commands side by side, and show their output one after another.

side_by_side.py COMMAND then COMMAND beside COMMAND then COMMAND ...

A command behind `then` starts when the one before has ended, even if it failed. `beside` begins
another row of commands; all rows run at the same time. What a row prints stays together: the first
row that is still running is shown as it runs, later ones when it has ended. The exit status is that
of the first command that failed, in the order of the arguments.
"""

from __future__ import annotations

import os
import queue
import shlex
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import FrameType

THEN, BESIDE = "then", "beside"

INTERRUPTED = 130
"""Exit status after Ctrl-C or SIGTERM."""


def split(arguments: Iterable[str], word: str) -> list[list[str]]:
    """The arguments between those that equal `word`."""
    parts: list[list[str]] = [[]]
    for argument in arguments:
        if argument == word:
            parts.append([])
        else:
            parts[-1].append(argument)
    return parts


class Row:
    """Commands that run one after another. `failed` has those that did, with their exit status."""

    def __init__(self, commands: Sequence[Sequence[str]]) -> None:
        self.failed: list[tuple[str, int]] = []
        self._commands = commands
        self._printed: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def output(self) -> Iterator[bytes]:
        """What the commands print, until the last one has ended."""
        return iter(self._printed.get, b"")

    def stop(self) -> None:
        """Interrupt the command that runs, start no other, and wait for its end."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.send_signal(signal.SIGINT)
        self._thread.join()
        self._printed.put(b"")  # where the first one was read before the interrupt

    def _run(self) -> None:
        for command in self._commands:
            with self._lock:
                if self._stopped:
                    break
                self._process = self._start(command)
            if self._process is not None:
                self._follow(self._process)
                status = self._process.wait()
                if status:
                    code = status if status > 0 else 128 - status
                    self.failed.append((shlex.join(command), code))
        self._printed.put(b"")

    def _follow(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        while data := os.read(process.stdout.fileno(), 1 << 16):
            self._printed.put(data)
        process.stdout.close()

    def _start(self, command: Sequence[str]) -> subprocess.Popen[bytes] | None:
        text = shlex.join(command)
        self._printed.put(f"$ {text}\n".encode())
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            self._printed.put(f"{command[0]} cannot be started: {error.strerror}\n".encode())
            self.failed.append((text, 127))
            return None


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0, or that of the first command that failed."""
    rows = [split(row, THEN) for row in split(arguments, BESIDE)]
    if not all(command for row in rows for command in row):
        print(f"A command is missing before or behind `{THEN}` or `{BESIDE}`.", file=sys.stderr)
        return 2
    # In the background of a shell SIGINT is ignored, and commands would inherit that.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    running: list[Row] = []
    try:
        running += map(Row, rows)
        for row in running:
            _show(row)
    except KeyboardInterrupt:
        for row in running:
            row.stop()
        for row in running:
            _show(row)
        return INTERRUPTED
    failed = [each for row in running for each in row.failed]
    for text, status in failed:
        print(f"failed with exit status {status}: {text}", file=sys.stderr)
    return failed[0][1] if failed else 0


def _show(row: Row) -> None:
    for data in row.output():
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
