"""Functions in forked processes: status, output, crashes and time limits are as a program's."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time

import pytest

from pytest_mlbench import process
from pytest_mlbench.errors import Unavailable
from pytest_mlbench.process import forked


def script(arguments: list[str]) -> int:
    print("to", *arguments)
    print("aside", file=sys.stderr)
    os.write(1, b"from C\n")
    return len(arguments)


def crash(arguments: list[str]) -> int:
    os.write(2, b"going down\n")
    os.abort()


def refuse(arguments: list[str]) -> int:
    raise ValueError(arguments[0])


def endless(arguments: list[str]) -> int:
    time.sleep(60)
    return 0


def run(function, *arguments: str, timeout: float = 30.0):
    return forked.run(function, list(arguments), imports=("pytest",), timeout=timeout)


def test_status_and_output_are_those_of_the_function() -> None:
    done = run(script, "a", "b")
    assert (done.returncode, done.timed_out) == (2, False)
    assert sorted(done.text.splitlines()) == ["from C", "to a b"]
    assert done.error_text == "aside\n"
    assert done.command_line == f"{__name__} a b"


@pytest.mark.parametrize(
    ("function", "status", "told"),
    [(crash, -signal.SIGABRT, "going down"), (refuse, 1, "ValueError: why")],
)
def test_a_crash_is_its_own_only(function, status, told) -> None:
    done = run(function, "why")
    assert done.returncode == status
    assert told in done.error_text
    assert run(script).returncode == 0


def test_the_time_limit_ends_it() -> None:
    began = time.monotonic()
    done = run(endless, timeout=1.0)
    assert done.timed_out
    assert time.monotonic() - began < 30


def test_a_script_without_a_main_guard_can_use_it(tmp_path) -> None:
    script = tmp_path / "prove.py"
    script.write_text(
        "import os\n"
        "from pytest_mlbench.process import forked\n"
        "for _ in range(2):\n"
        "    print(forked.run(os.listdir, ['.'], imports=(), timeout=9).returncode)\n"
    )
    done = process.run([sys.executable, script], timeout=60)
    assert done.text.splitlines() == ["1", "1"], done.error_text


def test_a_server_that_is_gone_is_started_again() -> None:
    assert run(script, "a").returncode == 1
    process.end_all()
    with contextlib.suppress(Unavailable):  # it may be gone already, or be going
        run(script, "a")
    assert run(script, "a", "b").returncode == 2
