"""A program at its time limit may say where it is, and is ended all the same."""

from __future__ import annotations

import sys

from time_limits import at_its_limit

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


def run(text: str, last_words: float = 0.0) -> process.Finished:
    command = [sys.executable, "-S", "-c", text]
    return at_its_limit(
        lambda limit: process.run(command, stdin=b"x", timeout=limit, last_words=last_words),
        lambda done: done.text == "ready\n",
    )


def test_its_last_words_are_kept() -> None:
    done = run(SAYS, last_words=20.0)

    assert (done.error_text, done.returncode) == ("I was here\n", 7)


def test_one_that_says_nothing_is_ended() -> None:
    assert run(SILENT, last_words=0.3).returncode < 0


def test_without_it_nobody_is_asked() -> None:
    assert run(SAYS).error_text == ""
