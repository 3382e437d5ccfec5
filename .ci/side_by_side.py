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
import select
import shlex
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

THEN, BESIDE = "then", "beside"

INTERRUPTED = 130
"""Exit status after Ctrl-C or SIGTERM."""

MOMENT = 0.2
"""Seconds of silence after which to look for an interrupt, and for the end of a command."""


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
        self._printed: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False
        self._lock = threading.Lock()
        threading.Thread(target=self._run, daemon=True).start()

    def output(self) -> Iterator[bytes]:
        """What the commands print, until the last one has ended; b"" where that is nothing."""
        while True:
            try:
                data = self._printed.get(timeout=MOMENT)
            except queue.Empty:
                data = b""
            if data is None:
                return
            yield data

    def stop(self) -> None:
        """Interrupt the command that runs, and start no other."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.send_signal(signal.SIGINT)

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
        self._printed.put(None)

    def _follow(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        handle = process.stdout.fileno()
        while True:
            if select.select([handle], [], [], MOMENT)[0]:
                data = os.read(handle, 1 << 16)
                if not data:
                    break
                self._printed.put(data)
            elif process.poll() is not None:
                break  # a process that it left behind keeps its output open
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
    interrupts: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _frame: interrupts.append(number))
    running = [Row(row) for row in rows]
    passed_on = 0
    for row in running:
        for data in row.output():
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            if len(interrupts) > passed_on:
                passed_on = len(interrupts)
                for each in running:
                    each.stop()
    if interrupts:
        return INTERRUPTED
    failed = [each for row in running for each in row.failed]
    for text, status in failed:
        print(f"failed with exit status {status}: {text}", file=sys.stderr)
    return failed[0][1] if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
