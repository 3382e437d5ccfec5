"""Outputs and inputs on disk: links, devices, pipes, kills, floods."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pytest_mlbench.errors import UsageError
from pytest_mlbench.process import owner
from pytest_mlbench.records import files
from pytest_mlbench.records.lock import locked


def test_a_file_is_replaced_whole_and_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "below" / "r.json"
    files.write_text(path, "old and longer")
    path.chmod(0o600)
    files.write_text(path, "new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [row.name for row in path.parent.iterdir()] == ["r.json"]


def test_a_link_stays_and_what_it_points_to_is_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "real" / "b.yaml", tmp_path / "b.yaml"
    target.parent.mkdir()
    target.write_text("old")
    link.symlink_to("real/b.yaml")
    files.write_text(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    dangling = tmp_path / "later.yaml"
    dangling.symlink_to("made/later.yaml")
    files.write_text(dangling, "first")
    assert (tmp_path / "made/later.yaml").read_text() == "first"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found: list[str] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_text()))
    with pytest.raises(UsageError, match="cannot write it"):  # nobody reads it
        files.write_text(pipe, "lost")
    reader.start()
    while True:
        try:
            files.write_text(pipe, "x" * 200_000)
            break
        except UsageError:  # not yet
            continue
    reader.join(10)
    assert found == ["x" * 200_000]
    assert pipe.is_fifo()


def test_a_device_is_written_to_and_stays(tmp_path: Path) -> None:
    files.write_text(Path("/dev/null"), "x")
    assert Path("/dev/null").is_char_device()
    with pytest.raises(UsageError, match="No space left"):
        files.write_text(Path("/dev/full"), "x")
    assert Path("/dev/full").is_char_device()
    link = tmp_path / "out"
    link.symlink_to("/dev/null")
    files.write_text(link, "x")
    assert link.is_symlink()


def test_a_redirected_standard_output_is_not_replaced(tmp_path: Path) -> None:
    script = (
        "import pathlib; from pytest_mlbench.records.files import write_text\n"
        "print('before', flush=True)\n"
        "write_text(pathlib.Path('/dev/stdout'), 'text\\n'); print('after')\n"
    )
    out = tmp_path / "out"
    with out.open("a") as file:
        subprocess.run([sys.executable, "-c", script], stdout=file, check=True)
    assert out.read_text() == "before\ntext\nafter\n"


def test_half_of_a_surrogate_pair_is_written_as_what_it_is(tmp_path: Path) -> None:
    path = files.write_text(tmp_path / "a", "case \ud800")
    assert path.read_bytes() == b"case \\ud800"


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / "r[1].json"
    script = f"""
import os, pathlib, signal
from pytest_mlbench.records import files
os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
files.write_text(pathlib.Path({str(path)!r}), "half")
"""
    done = subprocess.run([sys.executable, "-c", script], check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    assert owner.is_left_over(left)
    working = tmp_path / f".r[1].json.{owner.name()}.0.partial"
    working.touch()
    files.write_text(path, "whole")
    assert sorted(tmp_path.iterdir()) == [working, path]


def test_only_files_within_bounds_are_read(tmp_path: Path) -> None:
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(files.LIMIT + 1)
    huge = tmp_path / "huge"
    with huge.open("wb") as file:
        file.truncate(1 << 43)  # more than there is memory: it is not even begun
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "bytes").write_bytes(b"\xff")
    for path, said in (
        (big, "bigger than any results file"),
        (huge, "bigger than any results file"),
        (pipe, "is no file"),
        (Path("/dev/zero"), "is a device"),
        (tmp_path, "cannot read it|is no file"),
        (tmp_path / "none", "No such file"),
        (tmp_path / "bytes", "not UTF-8"),
    ):
        with pytest.raises(UsageError, match=said):
            files.read_text(path)


def test_what_the_shell_pipes_in_is_read(tmp_path: Path) -> None:
    script = (
        "import pathlib; from pytest_mlbench.records.files import read_text\n"
        "print(len(read_text(pathlib.Path('/dev/stdin'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], input=b"x" * 300_000, capture_output=True, check=True
    )
    assert done.stdout == b"300000\n"


COUNT = """
import os, pathlib, sys
from pytest_mlbench.records.lock import locked
path = pathlib.Path(sys.argv[1])
for _ in range(50):
    with locked(path):
        count = int(path.read_text())
        path.write_text(str(count + 1))
"""


def test_runs_with_different_tmpdirs_wait_for_each_other(tmp_path: Path) -> None:
    path, link = tmp_path / "b.yaml", tmp_path / "link.yaml"
    path.write_text("0")
    link.symlink_to(path)
    runs = []
    for number in range(3):
        own = tmp_path / f"tmp{number}"
        own.mkdir()
        name = link if number == 2 else path
        runs.append(
            subprocess.Popen(
                [sys.executable, "-c", COUNT, name], env={**os.environ, "TMPDIR": str(own)}
            )
        )
    assert [run.wait(60) for run in runs] == [0, 0, 0]
    assert path.read_text() == "150"
    assert {row.name for row in tmp_path.iterdir()} == {
        *("b.yaml", "link.yaml", "tmp0", "tmp1", "tmp2"),
    }


def test_a_lock_that_cannot_be_had_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be locked"), locked(tmp_path / "file/b.yaml"):
        pass
    monkeypatch.setattr("pytest_mlbench.records.lock.TIMEOUT", 0.1)
    with (
        locked(tmp_path / "b.yaml"),
        pytest.raises(UsageError, match="another run"),
        locked(tmp_path / "b.yaml"),
    ):
        pass


def test_where_folders_cannot_be_locked_a_file_beside_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno
    import fcntl

    real = fcntl.flock

    def flock(handle: int, how: int) -> None:
        if Path(f"/proc/self/fd/{handle}").is_dir():
            raise OSError(errno.EBADF, "no locks on folders")
        real(handle, how)

    monkeypatch.setattr("pytest_mlbench.records.lock.fcntl.flock", flock)
    monkeypatch.setattr("pytest_mlbench.records.lock.TIMEOUT", 0.1)
    with (
        locked(tmp_path / "b.yaml"),
        pytest.raises(UsageError, match="another run"),
        locked(tmp_path / "b.yaml"),
    ):
        pass
