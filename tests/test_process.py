"""The one door to other programs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from time_limits import at_its_limit

from pytest_mlbench import process
from pytest_mlbench.errors import DiskFull, Unavailable
from pytest_mlbench.process import owner, scratch


def alive(pid: int) -> bool:
    """Is it a process that still runs? A zombie is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(pid: int, seconds: float = 10.0) -> bool:
    """Does it end within `seconds`? It takes milliseconds, but on a machine with much to do."""
    until = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.01)
    return not alive(pid)


def appears(path: Path) -> int:
    """The number that a process writes to `path`, once it is there."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if path.exists() and path.read_text():
            return int(path.read_text())
        time.sleep(0.01)
    raise AssertionError(f"{path} never came")


SLEEPER = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"


def python(code: str, **options):
    return process.run([sys.executable, "-c", code], **{"timeout": 60, **options})


@pytest.mark.parametrize("limit", [process.OUTPUT_LIMIT, 1000])
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


def ended_with_its_child(code: str, pid: Path) -> bool:
    """Runs `code` into a time limit. Does the child end that writes its number to `pid`?"""
    command = [sys.executable, "-c", code, pid]

    def began(_: process.Finished) -> bool:
        return pid.exists() and bool(pid.read_text())

    at_its_limit(lambda limit: process.run(command, timeout=limit), began)
    return gone(int(pid.read_text()))


def test_at_the_time_limit_children_are_killed_too(tmp_path):
    code = (
        f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {SLEEPER!r}, sys.argv[1]])"
    )

    assert ended_with_its_child(code, tmp_path / "pid")


def test_a_program_that_is_not_there_is_told(tmp_path):
    with pytest.raises(Unavailable, match=r"cannot start /nowhere/tool: No such file"):
        process.run(["/nowhere/tool"], timeout=5)
    (tmp_path / "text").write_text("no program")
    with pytest.raises(Unavailable, match="Permission denied"):
        process.run([tmp_path / "text"], timeout=5)


def test_the_environment_is_added_to():
    done = python("import os; print(os.environ['MINE'], 'PATH' in os.environ)", env={"MINE": "x"})

    assert done.text == "x True\n"


def test_the_command_line_can_be_pasted():
    done = python("print('a b')")

    assert done.command_line.endswith("-c 'print('\"'\"'a b'\"'\"')'")


DETACHED = f"""
import subprocess, sys
subprocess.Popen([sys.executable, "-c", {SLEEPER!r}, sys.argv[1]], start_new_session=True)
"""


def test_a_detached_child_neither_holds_the_run_nor_outlives_it(tmp_path):
    began = time.monotonic()
    code = DETACHED + "import os, time\nwhile not os.path.exists(sys.argv[1]): time.sleep(0.01)"
    done = process.run([sys.executable, "-c", code, tmp_path / "pid"], timeout=120)

    assert done.returncode == 0
    assert time.monotonic() - began < 50, "the child, which sleeps for 60 s, holds the run"
    assert gone(appears(tmp_path / "pid"))


def test_at_the_time_limit_a_child_in_another_session_is_killed_and_holds_nothing(tmp_path):
    code = DETACHED + "import time; time.sleep(60)"

    assert ended_with_its_child(code, tmp_path / "pid")


def test_a_child_in_a_process_group_of_its_own_is_killed_too(tmp_path):
    # Ninja starts every command like this.
    code = f"""
import os, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {SLEEPER!r}, sys.argv[1]], preexec_fn=os.setpgrp)
time.sleep(60)
"""
    assert ended_with_its_child(code, tmp_path / "pid")


RUNNER = f"""
import signal, sys
from pytest_mlbench import process
# Whoever runs these tests in the background may have them inherit that both are ignored.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
process.run([sys.executable, "-c", {SLEEPER!r}, sys.argv[1]], timeout=60)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_what_a_killed_process_started_ends_with_it(tmp_path, number):
    parent = subprocess.Popen(
        [sys.executable, "-c", RUNNER, tmp_path / "pid"], stderr=subprocess.DEVNULL
    )
    child = appears(tmp_path / "pid")
    parent.send_signal(number)
    parent.wait(10)

    assert gone(child)


def test_a_flood_of_messages_is_stopped_and_not_collected():
    began = time.monotonic()
    code = "import sys\nwhile True: sys.stderr.write('x' * 10000)"
    done = python(code, error_limit=100_000)

    assert done.flooded
    assert not done.timed_out
    assert len(done.stderr) == 100_000
    assert time.monotonic() - began < 50, "the program was not stopped before its time limit"


def test_a_bare_program_sees_nothing_that_could_steer_it(monkeypatch):
    monkeypatch.setenv("CMAKE_TOOLCHAIN_FILE", "x")
    monkeypatch.setenv("LD_PRELOAD_NOT", "x")
    done = python("import os; print(*sorted(os.environ))", bare=True, env={"LC_ALL": "C"})

    assert set(done.text.split()) <= {*process.KEPT, "LC_ALL", "LC_CTYPE", "_MLBENCH_RUN"}
    assert "PATH" in done.text


def test_all_programs_of_this_process_can_be_ended(tmp_path):
    import threading

    found = []
    thread = threading.Thread(
        target=lambda: found.append(
            process.run([sys.executable, "-c", SLEEPER, tmp_path / "pid"], timeout=60)
        )
    )
    thread.start()
    appears(tmp_path / "pid")
    process.end_all()
    thread.join(10)

    assert found[0].returncode == -signal.SIGKILL


def test_an_owner_is_known_by_its_files():
    mine = Path(f".x.{owner.name()}.partial")
    assert not owner.is_left_over(mine)
    assert not owner.is_left_over(Path(".x.0123456789ab.partial"))
    machine, _, started = owner.name().split("-")
    assert owner.is_left_over(Path(f".x.{machine}-{os.getpid()}-{int(started) + 1}.partial"))
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    ended.wait()
    assert owner.is_left_over(Path(f".x.{machine}-{ended.pid}-{started}.partial"))


def test_what_another_machine_left_is_old_before_it_counts_as_left_over(tmp_path):
    path = tmp_path / ".x.00000000-1-1.partial"
    path.touch()
    assert not owner.is_left_over(path)
    old = time.time() - owner.FOREIGN_AGE - 60
    os.utime(path, (old, old))
    assert owner.is_left_over(path)


def test_folders_that_killed_runs_left_are_removed(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    machine, _, started = owner.name().split("-")
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    ended.wait()
    (tmp_path / f"mlbench-spike-{machine}-{ended.pid}-{started}-x" / "below").mkdir(parents=True)
    working = tmp_path / f"mlbench-spike-{owner.name()}-y"
    working.mkdir()

    with scratch.folder("probe") as folder:
        assert folder.is_dir()
        assert sorted(tmp_path.iterdir()) == sorted([folder, working])
    assert list(tmp_path.iterdir()) == [working]


def test_no_room_for_temporary_files_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    full = Path("/dev/full")
    with pytest.raises(DiskFull, match="No space left on device"), scratch.folder("a"):
        full.write_text("x")
    with pytest.raises(ZeroDivisionError), scratch.folder("a"):
        1 / 0  # noqa: B018
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "file"))
    with pytest.raises(DiskFull, match="Not a directory"), scratch.folder("a"):
        pass


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="it needs Linux's /proc")
def test_a_zombie_owns_nothing(tmp_path):
    code = "import sys; from pytest_mlbench.process import owner; print(owner.name()); input()"
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    path = tmp_path / f".entry.{child.stdout.readline().strip()}.partial"
    assert not owner.is_left_over(path)
    child.kill()
    stat = Path(f"/proc/{child.pid}/stat")
    deadline = time.monotonic() + 10
    while stat.read_text().rpartition(")")[2].split()[0] != "Z" and time.monotonic() < deadline:
        time.sleep(0.01)

    assert owner.is_left_over(path)

    child.communicate()
