"""Progress lines on the real standard error, past pytest's capture, in workers too."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from pytest_mlbench import progress

if TYPE_CHECKING:
    import pytest


class Live:
    """Writes progress to a copy of standard error, taken while nothing is captured.

    A worker's standard error is its controller's. The copy is used from a timer thread, which
    must not touch pytest's capture.
    """

    def __init__(self, config: pytest.Config) -> None:
        capture = config.pluginmanager.get_plugin("capturemanager")
        free = capture.global_and_fixture_disabled() if capture else contextlib.nullcontext()
        self._within_line = True
        with free:
            self._copy = os.dup(2)
        self._before = progress.set_sink(self.write)
        config.add_cleanup(self.end)

    def dot(self) -> None:
        """Note that pytest has written a part of a line since."""
        self._within_line = True

    def write(self, line: str) -> None:
        """One line of its own; a line end before it leaves pytest's line of dots."""
        start = "\n" if self._within_line else ""
        self._within_line = False
        with contextlib.suppress(OSError):
            os.write(self._copy, f"{start}mlbench: {line}\n".encode())

    def end(self) -> None:
        """Give progress back to whom it was taken from."""
        progress.set_sink(self._before)
        with contextlib.suppress(OSError):
            os.close(self._copy)
