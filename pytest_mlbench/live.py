"""Progress lines on the real standard error, past pytest's capture, in workers too."""

from __future__ import annotations

import atexit
import contextlib
import os
from typing import TYPE_CHECKING

from . import progress

if TYPE_CHECKING:
    import pytest


def show_progress(config: pytest.Config) -> None:
    """Send progress to a copy of standard error, taken while nothing is captured.

    A worker's standard error is its controller's. The copy is used from a timer thread, which
    must not touch pytest's capture.
    """
    capture = config.pluginmanager.get_plugin("capturemanager")
    free = capture.global_and_fixture_disabled() if capture else contextlib.nullcontext()
    try:
        with free:
            copy = os.dup(2)
    except OSError:
        return

    def write(line: str) -> None:
        # The first line end leaves pytest's line of dots.
        with contextlib.suppress(OSError):
            os.write(copy, f"\nmlbench: {line}\n".encode())

    before = progress.set_sink(write)

    def end() -> None:
        progress.set_sink(before)
        with contextlib.suppress(OSError):
            os.close(copy)
        atexit.unregister(end)

    config.add_cleanup(end)
    atexit.register(end)
