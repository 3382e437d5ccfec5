"""Progress of xdist workers on the controller's live line.

Workers on the same machine send what they do as datagrams to a socket of the controller's, which
shows all of them in one line. A lost datagram does no harm: the next one replaces it. Sending never
waits and never fails a test.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlbench import progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest

_LONGEST = 4096
"""Bytes of one datagram: a line of text and some numbers."""


class Sender:
    """The worker's side, with the interface of `live_progress.Live`."""

    def __init__(self, config: pytest.Config, address: str) -> None:
        self.place = ""
        """`3 of 32`: the case that is being run."""
        self._worker = str(getattr(config, "workerinput", {}).get("workerid", ""))
        self._address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        progress.set_pace(every=1.0)
        self._before = progress.set_sink(self.write)
        config.add_cleanup(self.end)

    def write(self, line: str) -> None:
        """Send what is being done."""
        self._send({"text": line})

    def done(self, case: str, outcome: str, seconds: float) -> None:
        """Send that a case has come to its end; pytest's letter says how."""
        del case, outcome, seconds
        self._send({"done": self.place})

    def workers_address(self) -> str:
        """None: a worker has no workers."""
        return ""

    def clear(self) -> None:
        """Nothing: the controller writes pytest's letters."""

    def stop(self) -> None:
        """Nothing: the line is the controller's."""

    def end(self) -> None:
        """Restore the sink that was set before."""
        progress.set_sink(self._before)
        progress.set_pace()
        self._socket.close()

    def _send(self, message: dict[str, Any]) -> None:
        data = json.dumps({"worker": self._worker, **message}).encode()
        with contextlib.suppress(OSError):
            self._socket.sendto(data[:_LONGEST], self._address)


class Board:
    """What all workers are doing, as one line. Pure."""

    def __init__(self) -> None:
        self._doing: dict[str, str] = {}
        self._done = 0
        self._total = 0

    def add(self, message: dict[str, Any]) -> tuple[str, ...]:
        """The parts of the line after one worker's message: how far, then what each worker does."""
        worker = str(message.get("worker", ""))
        if "done" in message:
            self._done += 1
            count = str(message["done"]).rpartition(" ")[2]
            self._total = int(count) if count.isdecimal() else self._total
            self._doing.pop(worker, None)
        else:
            self._doing[worker] = str(message.get("text", ""))
        counted = [f"{self._done} of {self._total} done"] if self._total else []
        return (*counted, *(self._doing[name] for name in sorted(self._doing)))


def fit(parts: Sequence[str], room: int) -> str:
    """`parts` in one line of at most `room` letters; long ones are cut so that all have a share."""
    free, lengths = room - 2 * (len(parts) - 1), dict(enumerate(map(len, parts)))
    share = room
    for count, (_, length) in zip(
        range(len(parts), 0, -1), sorted(lengths.items(), key=lambda item: item[1]), strict=True
    ):
        share = max(free // count, 1)
        if length > share:
            break
        free -= length
        share = room
    return "; ".join(part[:share] for part in parts)[:room]


class Receiver:
    """The controller's side: a thread that reads the socket and hands each line to `show`."""

    def __init__(self, show: Callable[[tuple[str, ...]], None]) -> None:
        self._show = show
        self._folder = tempfile.mkdtemp(prefix="mlbench-")
        self.address = str(Path(self._folder, "progress"))
        """The path that workers send to."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.address)
        self._over = False
        self._thread = threading.Thread(target=self._read, name="mlbench-workers", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        board = Board()
        while not self._over:
            try:
                data = self._socket.recv(_LONGEST)
                message = json.loads(data)
            except OSError:
                return
            except ValueError:  # cut at its longest, or the wake-up call of `end`
                continue
            if isinstance(message, dict):
                self._show(board.add(message))

    def end(self) -> None:
        """Stop reading and remove the socket."""
        if self._over:
            return
        self._over = True
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
            bell.setblocking(False)
            bell.sendto(b"", self.address)
        self._thread.join(timeout=1.0)
        self._socket.close()
        shutil.rmtree(self._folder, ignore_errors=True)
