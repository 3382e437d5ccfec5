"""Live progress of long steps: downloads, builds, simulations.

A step that ends within `QUIET` seconds prints nothing. A longer one prints that it began, how far
it is every `EVERY` seconds, and how it ended (`set_pace` changes these times)::

    with progress.step("building aww-aot-_-O3") as step:
        step.update("7 of 12 files")

The lines go to one function, the sink, set by `set_sink`. It is also called from a timer thread, so
it must not touch pytest's capture: the plugin duplicates file descriptor 2 once, while capture is
suspended, and writes to the duplicate. This shows the lines of xdist workers at once, too.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

QUIET = 0.5
EVERY = 10.0


def _to_stderr(line: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # a closed stderr must not fail the step
        sys.stderr.write(f"mlbench: {line}\n")
        sys.stderr.flush()


_sink: Callable[[str], None] = _to_stderr


def set_sink(sink: Callable[[str], None] | None) -> Callable[[str], None]:
    """Send progress lines (without a line end) to `sink`; None means standard error.

    Returns the previous sink, so that the caller can restore it.
    """
    global _sink
    before, _sink = _sink, sink or _to_stderr
    return before


_pace = (QUIET, EVERY)


def set_pace(quiet: float = QUIET, every: float = EVERY) -> None:
    """Set how many seconds steps stay quiet, and the interval of their lines after that."""
    global _pace
    _pace = (quiet, every)


def say(line: str) -> None:
    """Print one line at once: something the user should know although nothing has failed."""
    # Names come from other people's files: escape what a terminal would interpret.
    _sink(line if line.isprintable() else line.encode("unicode_escape").decode("ascii"))


class Step:
    """A running step. `update` sets what the next progress line adds in brackets."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._detail = ""
        self._over = threading.Event()
        self._shown = False
        self._began = time.monotonic()

    def update(self, detail: str) -> None:
        """Note how far the step is: '12 of 40 MB'. Cheap; call it as often as you like."""
        self._detail = detail

    def _watch(self) -> None:
        pause, every = _pace
        while not self._over.wait(pause):
            detail = f" ({self._detail})" if self._detail else ""
            seconds = f", {time.monotonic() - self._began:.0f} s" if self._shown else ""
            say(f"{self.title} ...{detail}{seconds}")
            self._shown = True
            pause = every

    def _end(self, outcome: str) -> None:
        if self._shown:
            say(f"{self.title}: {outcome} after {time.monotonic() - self._began:.1f} s")


_under_way = threading.local()


def detail(text: str) -> None:
    """Note how far the innermost step of this thread is, as `Step.update` does; without a step,
    nothing."""
    steps: list[Step] = getattr(_under_way, "steps", [])
    if steps:
        steps[-1].update(text)


@contextlib.contextmanager
def step(title: str) -> Iterator[Step]:
    """Show progress of `title` ("building ...", "downloading ...") if it takes long."""
    current = Step(title)
    watch = threading.Thread(target=current._watch, name="mlbench-progress", daemon=True)  # noqa: SLF001
    watch.start()
    _under_way.steps = [*getattr(_under_way, "steps", []), current]
    outcome = "stopped"
    try:
        yield current
        outcome = "done"
    finally:
        _under_way.steps = _under_way.steps[:-1]
        current._over.set()  # noqa: SLF001
        watch.join()
        current._end(outcome)  # noqa: SLF001
