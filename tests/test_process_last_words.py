"""A program at its time limit may say where it is, and is ended all the same."""

from __future__ import annotations

import sys
import time

from pytest_mlbench import process

SAYS = """
import signal, sys, time
def told(*_):
    print("I was here", file=sys.stderr, flush=True)
    sys.exit(7)
signal.signal(signal.SIGINT, told)
print("ready", flush=True)
time.sleep(60)
"""
SILENT = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""


def run(text: str, **options: float) -> process.Finished:
    return process.run([sys.executable, "-S", "-c", text], stdin=b"x", **options)  # type: ignore[arg-type]


def test_its_last_words_are_kept() -> None:
    done = run(SAYS, timeout=3.0, last_words=20.0)

    assert done.timed_out
    assert (done.text, done.error_text, done.returncode) == ("ready\n", "I was here\n", 7)


def test_one_that_says_nothing_is_ended() -> None:
    began = time.monotonic()
    done = run(SILENT, timeout=2.0, last_words=1.0)

    assert done.timed_out
    assert done.returncode < 0
    assert time.monotonic() - began < 30


def test_without_it_nobody_is_asked() -> None:
    done = run(SAYS, timeout=2.0)

    assert done.timed_out
    assert done.error_text == ""
