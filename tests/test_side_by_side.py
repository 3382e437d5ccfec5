"""`.ci/side_by_side.py` runs everything, and shows it one after another."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / ".ci" / "side_by_side.py"


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-I", str(SCRIPT), *arguments]


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = _command(*arguments)
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_rows_run_at_the_same_time_and_are_shown_in_order(tmp_path: Path) -> None:
    met = tmp_path / "met"
    waiting = f"until test -e {met}; do sleep 0.01; done; echo first; echo of errors >&2"
    done = _run(
        *("sh", "-c", waiting, "then", "echo", "second"),
        *("beside", "sh", "-c", f"echo third; touch {met}"),
    )
    assert done.stdout.splitlines() == [
        f"$ sh -c '{waiting}'",
        "first",
        "of errors",
        "$ echo second",
        "second",
        f"$ sh -c 'echo third; touch {met}'",
        "third",
    ]
    assert (done.returncode, done.stderr) == (0, "")


def test_the_first_failure_is_the_result_and_nothing_is_left_out() -> None:
    done = _run(
        *("echo", "one", "then", "sh", "-c", "exit 3", "then", "echo", "two"),
        *("beside", "no-such-program", "-x", "then", "sh", "-c", "kill -9 $$"),
        *("beside", "echo", "three"),
    )
    lines = [line for line in done.stdout.splitlines() if not line.startswith("$ ")]
    missing = "no-such-program cannot be started: No such file or directory"
    assert lines == ["one", "two", missing, "three"]
    assert done.stderr.splitlines() == [
        "failed with exit status 3: sh -c 'exit 3'",
        "failed with exit status 127: no-such-program -x",
        "failed with exit status 137: sh -c 'kill -9 $$'",
    ]
    assert done.returncode == 3


def test_a_process_that_is_left_behind_is_not_waited_for() -> None:
    done = _run("sh", "-c", "sleep 120 & echo $!; exit 4", "then", "echo", "next")
    pid = int(done.stdout.splitlines()[1])
    os.kill(pid, signal.SIGKILL)  # it is still there
    assert done.stdout.splitlines()[-1] == "next"
    assert done.returncode == 4


def test_what_has_no_command_is_refused() -> None:
    for arguments in ((), ("echo", "then"), ("echo", "beside", "then", "echo")):
        done = _run(*arguments)
        assert done.returncode == 2
        assert done.stdout == ""
        assert "A command is missing" in done.stderr


def test_an_interrupt_reaches_every_row_and_no_other_command_starts(tmp_path: Path) -> None:
    names = "ab"
    # It ends by itself, so that nothing hangs if the interrupt gets lost.
    waiting = "i=0; while [ $i -lt 6000 ]; do sleep 0.01; i=$((i + 1)); done"
    rows = [
        f"trap 'echo {name} ends; exit 7' INT; touch {tmp_path / name}; {waiting}" for name in names
    ]
    arguments = ["sh", "-c", rows[0], "then", "echo", "late", "beside", "sh", "-c", rows[1]]
    with subprocess.Popen(_command(*arguments), stdout=subprocess.PIPE, text=True) as running:
        while not all((tmp_path / name).exists() for name in names):
            assert running.poll() is None
        running.send_signal(signal.SIGTERM)
        out, _ = running.communicate(timeout=120)
    assert running.returncode == 130
    assert [line for line in out.splitlines() if line.endswith("ends")] == ["a ends", "b ends"]
    assert "late" not in out
