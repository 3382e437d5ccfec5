"""A second Ctrl-C while xdist waits for its workers: they end at once, and the run with a sentence.

After the first one xdist waits up to 10 s for busy workers. A KeyboardInterrupt in that time would
end pytest with a traceback, without summary, table and status 2.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlbench import process

if TYPE_CHECKING:
    from types import FrameType

NAME = "mlbench-second-interrupt"
ENOUGH = 5.0
"""Seconds after the second Ctrl-C in which the run has to end by itself; a later one ends it."""


class SecondInterrupt:
    """A plugin registered as `NAME` on the controller of xdist's workers."""

    def __init__(self) -> None:
        self._before: Any = None
        self._asked = 0.0

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self) -> None:
        """From the first Ctrl-C on, take further ones as the wish to end the workers."""
        if self._before is None and threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._again)

    def pytest_unconfigure(self) -> None:
        """Put the former handler back."""
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _again(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        now = time.monotonic()
        if not self._asked:
            self._asked = now
            _say("second Ctrl-C: the workers are ended at once")
            process.end_workers()
        elif now - self._asked > ENOUGH:
            _say("ended without waiting for other machines; what is written is whole")
            os._exit(pytest.ExitCode.INTERRUPTED)


def _say(text: str) -> None:
    """Write to standard error at once: the interrupted code may be writing through `sys.stderr`."""
    line = f"\nmlbench: {text}\n".encode()
    try:
        os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, line)
    except OSError:
        return
