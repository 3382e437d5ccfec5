"""The one door to other programs."""

from __future__ import annotations

import signal
import sys
import time

import pytest

from pytest_mlbench import process
from pytest_mlbench.errors import CannotRun


def python(code: str, **options):
    return process.run([sys.executable, "-c", code], **{"timeout": 60, **options})


@pytest.mark.parametrize("limit", [None, 1000])
def test_a_program_gets_its_input_and_gives_its_output(limit, tmp_path):
    code = "import sys; sys.stdout.write(sys.stdin.read()[::-1]); sys.exit('told')"
    (tmp_path / "in").write_bytes(b"file")

    done = python(code, stdin=b"abc", output_limit=limit)
    from_file = python(code, stdin=tmp_path / "in", output_limit=limit)

    assert (done.stdout, done.returncode, done.error_text) == (b"cba", 1, "told\n")
    assert from_file.text == "elif"
    assert not done.timed_out
    assert not done.flooded


def test_a_program_that_writes_without_end_is_stopped():
    done = python("while True: print('x' * 10000)", output_limit=100_000)

    assert done.flooded
    assert len(done.stdout) == 100_000
    assert done.returncode == -signal.SIGKILL
    assert not done.timed_out


def test_one_byte_too_many_is_too_many():
    code = "import sys; sys.stdout.write('x' * 10)"

    assert not python(code, output_limit=10).flooded
    assert python(code, output_limit=9).flooded


def test_at_the_time_limit_children_are_killed_too(tmp_path):
    marker = tmp_path / "alive"
    child = f"import time; time.sleep(3); open({str(marker)!r}, 'w')"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"

    done = python(code, timeout=1)

    assert done.timed_out
    time.sleep(3)
    assert not marker.exists()


def test_a_program_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CannotRun, match=r"cannot start /nowhere/tool: No such file"):
        process.run(["/nowhere/tool"], timeout=5)
    (tmp_path / "text").write_text("no program")
    with pytest.raises(CannotRun, match="Permission denied"):
        process.run([tmp_path / "text"], timeout=5)


def test_the_environment_is_added_to():
    done = python("import os; print(os.environ['MINE'], 'PATH' in os.environ)", env={"MINE": "x"})

    assert done.text == "x True\n"


def test_the_command_line_can_be_pasted():
    done = python("print('a b')")

    assert done.command_line.endswith("-c 'print('\"'\"'a b'\"'\"')'")
