"""Progress on the real standard error, past pytest's capture.

On a terminal one line lives behind pytest's dots: what is being done, and for how long. With xdist
the controller has that line, and its workers tell it what they do (`worker_progress`). A log gets
one line for each case and one every ten seconds of a long step. With `-q` there is nothing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

from pytest_mlbench import progress

from .worker_progress import Receiver, fit

if TYPE_CHECKING:
    import pytest

_SAVE, _CLEAR, _RESTORE = "\x1b7", "\x1b[K", "\x1b8"
"""Control functions of terminals: ECMA-48 (EL), DEC's DECSC and DECRC."""

_LEAST_ROOM = 20


class Live:
    """Writes progress to a copy of standard error, taken while nothing is captured.

    A worker's standard error is its controller's. The copy is used from a timer thread, which
    must not touch pytest's capture.
    """

    def __init__(self, config: pytest.Config) -> None:
        capture = config.pluginmanager.get_plugin("capturemanager")
        free = capture.global_and_fixture_disabled() if capture else contextlib.nullcontext()
        self._config = config
        self._within_line = True
        self.place = ""
        """`3 of 32`: the case that is being run."""
        with free:
            self._copy = os.dup(2)
        verbosity = config.get_verbosity()
        self.silent = verbosity < 0
        self._line = verbosity == 0 and os.isatty(self._copy) and not hasattr(config, "workerinput")
        self._workers: Receiver | None = None
        if self._line:
            progress.set_pace(every=1.0)
        elif not self.silent:
            progress.set_pace(quiet=progress.EVERY)
        self._before = progress.set_sink(self.write)
        config.add_cleanup(self.end)

    def workers_address(self) -> str:
        """The address that workers send to; empty if there is no live line to show it in."""
        if self._line and self._workers is None:
            with contextlib.suppress(OSError):  # then each worker writes lines of its own
                self._workers = Receiver(self._show)
        return self._workers.address if self._workers is not None else ""

    def stop(self) -> None:
        """Clear the line for what pytest writes at its end."""
        if self._workers is not None:
            self._workers.end()
        self.clear()

    def clear(self) -> None:
        """Clear the line, because pytest is about to write."""
        self._within_line = True
        if self._line:
            self._put(_CLEAR)

    def done(self, case: str, outcome: str, seconds: float) -> None:
        """Write a log line for a finished case. On a terminal pytest's letter is enough."""
        if not self._line:
            self.write(f"{case} {outcome} after {seconds:.1f} s")

    def write(self, line: str) -> None:
        """Show what is being done; in a log on a line of its own, after pytest's dots."""
        if self.silent:
            return
        text = f"{self.place}, {line}" if self.place else line
        if self._line:
            self._show((text,))
            return
        start = "\n" if self._within_line else ""
        self._within_line = False
        self._put(f"{start}mlbench: {text}\n")

    def _show(self, parts: tuple[str, ...]) -> None:
        """Write `parts` behind the cursor, as far as the terminal is wide."""
        column = self._config.get_terminal_writer().width_of_current_line
        room = shutil.get_terminal_size().columns - column - 2
        if room >= _LEAST_ROOM:
            self._put(f"{_SAVE} {fit(parts, room)}{_CLEAR}{_RESTORE}")

    def _put(self, text: str) -> None:
        with contextlib.suppress(OSError):
            os.write(self._copy, text.encode())

    def end(self) -> None:
        """Restore the sink that was set before."""
        if self._workers is not None:
            self._workers.end()
        progress.set_sink(self._before)
        progress.set_pace()
        with contextlib.suppress(OSError):
            os.close(self._copy)
