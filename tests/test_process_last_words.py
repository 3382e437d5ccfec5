"""A program at its time limit may say where it is, and is ended all the same."""

from __future__ import annotations

import sys

from pytest_mlbench import process

SAYS = """
import signal, sys, time
def told(*_):
    print("I was here", file=sys.stderr, flush=True)
    sys.exit(7)
signal.signal(signal.SIGINT, told)
print("ready", flush=True)
time.sleep(600)
"""
SILENT = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""


def run(text: str, **options: float) -> process.Finished:
    """Stopped at its time limit, after it has said that it is ready. On a busy machine, the
    shortest limit is over before."""
    command = [sys.executable, "-S", "-c", text]
    for timeout in (0.5, 5.0, 50.0):
        done = process.run(command, stdin=b"x", timeout=timeout, **options)  # type: ignore[arg-type]
        assert done.timed_out
        if done.text:
            break
    assert done.text == "ready\n"
    return done


def test_its_last_words_are_kept() -> None:
    done = run(SAYS, last_words=20.0)

    assert (done.error_text, done.returncode) == ("I was here\n", 7)


def test_one_that_says_nothing_is_ended() -> None:
    assert run(SILENT, last_words=0.3).returncode < 0


def test_without_it_nobody_is_asked() -> None:
    assert run(SAYS).error_text == ""
