"""Functions in forked processes: status, output, crashes and time limits are as a program's."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time

import pytest

from pytest_mlbench import process
from pytest_mlbench.errors import Unavailable
from pytest_mlbench.process import family, forked


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


def chatter(arguments: list[str]) -> int:
    while True:
        os.write(1, b"x" * (1 << 20))


def no_status(arguments: list[str]) -> int:
    return 256


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
    done = run(endless, timeout=0.2)
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


def test_an_interrupted_call_answers_no_later_one() -> None:
    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    assert run(script).returncode == 0
    before = signal.signal(signal.SIGUSR1, interrupt)
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGUSR1))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            run(endless)
    finally:
        timer.join()
        signal.signal(signal.SIGUSR1, before)
    assert [run(script, *"a" * count).returncode for count in (3, 0)] == [3, 0]


def test_output_and_status_are_bounded(monkeypatch) -> None:
    monkeypatch.setattr(forked, "FILE_LIMIT", 1 << 20)
    monkeypatch.setattr(forked, "OUTPUT_LIMIT", 1000)
    done = run(chatter)
    assert done.flooded
    assert len(done.stdout) == 1000
    assert run(no_status).returncode == 255


def test_the_surroundings_of_the_caller_do_not_matter(tmp_path) -> None:
    """Modules that print or fail, ignored signals, a path among the texts of the search path."""
    (tmp_path / "sitecustomize.py").write_text("print('started')\n")
    (tmp_path / "loud.py").write_text("print('imported')\n")
    (tmp_path / "broken.py").write_text("raise SystemExit('no')\n")
    (tmp_path / "own.py").write_text(
        "import time\ndef nap(arguments):\n    time.sleep(float(arguments[0]))\n    return 5\n"
    )
    script = tmp_path / "prove.py"
    script.write_text(
        "import pathlib, signal, sys\n"
        "import own\n"
        "from pytest_mlbench.process import forked\n"
        "signal.signal(signal.SIGALRM, signal.SIG_IGN)\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])\n"
        "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        "sys.path.append(pathlib.Path('.'))\n"
        "for seconds, limit in (('0', 60), ('60', 0.3)):\n"
        "    done = forked.run(own.nap, [seconds], imports=('loud', 'broken'), timeout=limit)\n"
        "    print(done.returncode, done.timed_out, done.text)\n"
    )
    done = process.run([sys.executable, script], timeout=60, env={"PYTHONPATH": str(tmp_path)})
    assert done.text.splitlines()[1:] == ["5 False ", "-14 True "], done.error_text


def test_a_killed_server_takes_its_call_along(tmp_path) -> None:
    forked._server(("pytest",)).close()
    server = forked._server(("pytest",))
    kill = threading.Timer(1.0, server._process.kill)
    kill.start()
    with pytest.raises(Unavailable, match=r"has ended \(status -9\); it imports pytest"):
        run(endless)
    kill.join()
    assert not family.members(server._mark)


def test_a_forked_process_does_not_end_its_parents_server() -> None:
    assert run(script).returncode == 0
    server = forked._server(("pytest",))
    child = os.fork()
    if child == 0:
        server.close()
        os._exit(0)
    os.waitpid(child, 0)
    assert not server.ended
    assert run(script, "a").returncode == 1


def test_a_server_that_is_gone_is_started_again() -> None:
    assert run(script, "a").returncode == 1
    process.end_all()
    with contextlib.suppress(Unavailable):  # it may be gone already, or be going
        run(script, "a")
    assert run(script, "a", "b").returncode == 2
