"""Programs that run into their time limit, on idle machines and on busy ones."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.process import Finished

HELD = 25.0
"""Seconds after its limit in which a run must end. The programs of these tests sleep for 60."""


def at_its_limit(run: Callable[[float], Finished], began: Callable[[Finished], bool]) -> Finished:
    """What `run(limit)` returns for the first limit in seconds that lets the program begin.

    An idle machine starts a program in milliseconds, a busy one may need seconds. Whatever the
    limit, the run must be ended at it.
    """
    for limit in (0.4, 2.0, 10.0, 50.0):
        start = time.monotonic()
        done = run(limit)
        assert done.timed_out, done
        assert time.monotonic() - start < limit + HELD, "something holds the run"
        if began(done):
            return done
    raise AssertionError("the program did not begin within 50 s")
