"""Progress as a person sees it: one live line on a terminal, lines in a log, nothing with -q."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlbench import progress
from pytest_mlbench.plugin.live_progress import Live
from pytest_mlbench.plugin.worker_progress import Sender

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    See = Callable[[], str]


def config(verbosity: int = 0, *, worker: bool = False) -> Any:
    return SimpleNamespace(
        **({"workerinput": {}} if worker else {}),
        pluginmanager=SimpleNamespace(get_plugin=lambda name: None),
        get_verbosity=lambda: verbosity,
        get_terminal_writer=lambda: SimpleNamespace(width_of_current_line=12),
        add_cleanup=lambda function: None,
    )


@pytest.fixture
def stderr(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[See]:
    """What is written to standard error: a terminal's, or a pipe's."""
    reader, writer = os.openpty() if request.param == "terminal" else os.pipe()
    monkeypatch.setattr(os, "dup", lambda number: writer)
    monkeypatch.setenv("COLUMNS", "60")

    def see() -> str:
        os.set_blocking(reader, False)
        text = ""
        for _ in range(3):  # a terminal hands on what was written a little later
            time.sleep(0.01)
            with contextlib.suppress(BlockingIOError):
                text += os.read(reader, 65_536).decode()
        return text

    yield see
    os.close(reader)


@pytest.mark.parametrize("stderr", ["terminal"], indirect=True)
def test_a_terminal_has_one_line_that_pytest_writes_over(stderr: See) -> None:
    live = Live(config())
    live.place = "3 of 32"
    progress.say("building aww-aot-tuned-O3-with-a-very-long-name-indeed ...")
    shown = stderr()
    assert shown.startswith("\x1b7 3 of 32, building aww-aot-tuned-O3")
    assert shown.endswith("\x1b[K\x1b8")
    assert len(shown) - len("\x1b7 \x1b[K\x1b8") == 60 - 12 - 2
    assert "\n" not in shown
    live.clear()
    live.done("aww", "passed", 12.0)
    assert stderr() == "\x1b[K"
    live.end()


@pytest.mark.parametrize("stderr", ["pipe", "terminal"], indirect=True)
def test_a_log_has_a_line_for_each_case(stderr: See, request: pytest.FixtureRequest) -> None:
    """So has a worker on a terminal whose controller shows no line, as with -v."""
    live = Live(config(worker="terminal" in request.node.name))
    live.place = "3 of 32"
    live.done("aww-aot-_-O3", "passed", 12.34)
    live.done("aww-aot-_-Os", "failed", 1.0)
    assert stderr().replace("\r", "") == (
        "\nmlbench: 3 of 32, aww-aot-_-O3 passed after 12.3 s\n"
        "mlbench: 3 of 32, aww-aot-_-Os failed after 1.0 s\n"
    )
    live.end()


@pytest.mark.parametrize("stderr", ["pipe", "terminal"], indirect=True)
def test_quiet_is_quiet(stderr: See) -> None:
    live = Live(config(verbosity=-1))
    progress.say("building")
    live.clear()
    live.done("aww", "passed", 1.0)
    assert stderr() == ""
    live.end()


@pytest.mark.parametrize("stderr", ["terminal"], indirect=True)
def test_workers_are_shown_in_the_controllers_line(stderr: See) -> None:
    live = Live(config())
    address = live.workers_address()
    assert address == live.workers_address(), "one for all workers"
    sender = Sender(SimpleNamespace(workerinput={"workerid": "gw0"}, add_cleanup=id), address)
    progress.say("building aww ...")
    shown = ""
    for _ in range(500):
        shown += stderr()
        if "building aww ..." in shown:
            break
        time.sleep(0.01)
    assert shown == "\x1b7 building aww ...\x1b[K\x1b8"
    sender.end()
    live.stop()
    assert stderr() == "\x1b[K"
    assert not Path(address).exists()
    live.end()


@pytest.mark.parametrize("stderr", ["pipe"], indirect=True)
def test_a_log_takes_in_no_workers(stderr: See) -> None:
    live = Live(config())
    assert live.workers_address() == ""
    live.end()
