"""Progress of workers: what each is doing, in one line on the controller's terminal."""

from __future__ import annotations

import queue
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_mlbench import progress
from pytest_mlbench.plugin.worker_progress import Board, Receiver, Sender, fit


def worker(name: str) -> Any:
    return SimpleNamespace(workerinput={"workerid": name}, add_cleanup=lambda function: None)


def test_a_board_shows_all_workers_and_counts_cases() -> None:
    board = Board()
    assert board.add({"worker": "gw1", "text": "building b ..."}) == ("building b ...",)
    both = board.add({"worker": "gw0", "text": "building a ..."})
    assert both == ("building a ...", "building b ...")
    assert board.add({"worker": "gw1", "done": "2 of 32"}) == ("1 of 32 done", "building a ...")
    assert board.add({"worker": "gw0", "done": "1 of 32"}) == ("2 of 32 done",)


@pytest.mark.parametrize(
    ("parts", "room", "expected"),
    [
        (("abc",), 10, "abc"),
        (("abcdefghijkl",), 10, "abcdefghij"),
        (("1 of 2", "aaaaaaaaaaaa", "bbbbbbbbbbbb"), 30, "1 of 2; aaaaaaaaaa; bbbbbbbbbb"),
        (("1 of 2", "aa", "bbbbbbbbbbbbbbbbbb"), 30, "1 of 2; aa; bbbbbbbbbbbbbbbbbb"),
        ((), 30, ""),
    ],
)
def test_every_worker_has_its_share_of_the_line(
    parts: tuple[str, ...], room: int, expected: str
) -> None:
    assert fit(parts, room) == expected
    assert len(expected) <= room


def test_what_workers_send_is_shown_by_the_controller() -> None:
    shown: queue.Queue[tuple[str, ...]] = queue.Queue()
    receiver = Receiver(shown.put)
    sender = Sender(worker("gw0"), receiver.address)
    try:
        sender.place = "3 of 8"
        progress.say("building aww-aot-_-O3 ...")
        assert shown.get(timeout=10) == ("building aww-aot-_-O3 ...",)
        sender.done("aww-aot-_-O3", "passed", 1.0)
        assert shown.get(timeout=10) == ("1 of 8 done",)
    finally:
        sender.end()
        receiver.end()


def test_nobody_listening_is_no_error() -> None:
    receiver = Receiver(lambda line: None)
    receiver.end()
    receiver.end()
    sender = Sender(worker("gw0"), receiver.address)
    progress.say("building ...")
    sender.end()


def test_noise_on_the_socket_is_passed_over() -> None:
    shown: queue.Queue[tuple[str, ...]] = queue.Queue()
    receiver = Receiver(shown.put)
    sender = Sender(worker("gw0"), receiver.address)
    try:
        sender._socket.sendto(b"[1, 2", receiver.address)
        sender._socket.sendto(b"[1]", receiver.address)
        sender.write("x" * 10_000)
        sender.write("simulating ...")
        assert shown.get(timeout=10) == ("simulating ...",)
    finally:
        sender.end()
        receiver.end()
