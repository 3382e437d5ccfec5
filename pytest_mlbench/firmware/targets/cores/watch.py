"""Shows the progress of a running simulation."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

from . import status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_mlbench import progress


@contextlib.contextmanager
def watching(report: Path, step: progress.Step) -> Iterator[None]:
    """Updates `step` every second with the bench's progress."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(1.0):
            with contextlib.suppress(OSError):
                found = status.parse(report.read_text("utf-8"))
                if found is not None:
                    step.update(f"{found.cycles / 1e6:,.0f} million cycles")

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
