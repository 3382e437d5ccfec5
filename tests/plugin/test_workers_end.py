"""xdist's workers end with their controller, also when it is killed and they are busy."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("xdist")
pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="processes are found in /proc"
)

BUSY = """
import os, pathlib, subprocess, sys, time

def test_busy(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(20)"])
    marked = "_MLBENCH_RUN" in os.environ
    pathlib.Path({place!r}).write_text(f"{{os.getpid()}} {{child.pid}} {{marked}}")
    time.sleep(20)
"""


def test_a_busy_worker_ends_with_a_killed_controller(pytester: pytest.Pytester) -> None:
    place = pytester.path / "worker"
    pytester.makepyfile(BUSY.format(place=str(place)))
    command = [sys.executable, "-m", "pytest", "-n1", "-p", "no:cacheprovider"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as controller:
        words = _words(place)
        controller.send_signal(signal.SIGKILL)
    worker, child = (int(word) for word in words[:2])
    until = time.monotonic() + 4  # without us xdist takes 5 s or more
    while _alive(worker) and time.monotonic() < until:
        time.sleep(0.02)
    living = _alive(worker)
    # What a test started by itself is its own affair: it may be a server for later runs.
    assert _alive(child)
    assert words[2] == "False"
    os.kill(child, signal.SIGKILL)
    if living:
        os.kill(worker, signal.SIGKILL)
    assert not living


DEAF = """
import pathlib, signal, time

def test_deaf():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pathlib.Path({place!r}).write_text("it is deaf")
    time.sleep(30)
"""


def test_a_second_interrupt_ends_the_run_with_a_sentence(pytester: pytest.Pytester) -> None:
    """A busy worker does not hear the first one, and xdist waits 10 s for it."""
    place, told = pytester.path / "worker", pytester.path / "told"
    pytester.makepyfile(DEAF.format(place=str(place)))
    command = [sys.executable, "-m", "pytest", "-n1", "-p", "no:cacheprovider", "--junitxml=j.xml"]
    with (
        told.open("wb") as stream,
        _hearing(),
        subprocess.Popen(command, stdout=stream, stderr=stream) as controller,
    ):
        _words(place)
        began = time.monotonic()
        for _ in range(20):  # where the machine is busy, two at once may count as one
            controller.send_signal(signal.SIGINT)
            time.sleep(0.5)
            if controller.poll() is not None or "second Ctrl-C" in told.read_text():
                break
        status = controller.wait(60)
        took = time.monotonic() - began
    output = told.read_text()
    assert status == pytest.ExitCode.INTERRUPTED, output
    assert "mlbench: second Ctrl-C: the workers are ended at once" in output
    assert "Traceback" not in output
    assert "no tests ran" in output
    assert (pytester.path / "j.xml").is_file()
    assert took < 9


@contextmanager
def _hearing() -> Iterator[None]:
    """What is started hears Ctrl-C, though these tests may run in a background that does not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _words(place: Path) -> list[str]:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if place.is_file() and len(words := place.read_text().split()) == 3:
            return words
        time.sleep(0.05)
    raise AssertionError("the worker never ran its test")


def _alive(process: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False
