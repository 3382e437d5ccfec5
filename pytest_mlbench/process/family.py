"""All processes that a program started, wherever they went: found by a mark, and ended.

A process group is not enough: Ninja puts every command into a group of its own, and a daemon
begins a session of its own. Each program is therefore started with a mark in its environment,
which its children inherit. The mark is `_MLBENCH_RUN=<owner>.<number>`.

Run as a script, this module is the supervisor: a small process that outlives its parent just long
enough to end what the parent started. SIGKILL, SIGTERM or SIGHUP end Python at once; without it
compilers and simulators would go on, with nobody left to hold them to their time limit. It is
started without site packages, so it imports nothing of the project.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time

MARK = "_MLBENCH_RUN"
PATIENCE = 2.0
"""Seconds for which it is tried: a process in an uninterruptible wait cannot be ended."""

POLL = 0.25
"""Seconds between two looks where the system cannot tell of a process's end (before Linux 5.3)."""


def members(*marks: str) -> list[int]:
    """The processes whose mark begins with one of `marks`, but this one. Zombies have none."""
    wanted = tuple(f"{MARK}={mark}".encode() for mark in marks)
    found = []
    with contextlib.suppress(OSError):
        for name in os.listdir("/proc"):  # noqa: PTH208 (a supervisor imports as little as it can)
            if not name.isdecimal() or int(name) == os.getpid():
                continue
            try:
                with open(f"/proc/{name}/environ", "rb") as file:  # noqa: PTH123
                    rows = file.read().split(b"\0")
            except OSError:
                continue
            if any(row.startswith(wanted) for row in rows):
                found.append(int(name))
    return found


def end(*marks: str, looks: int = 2) -> None:
    """End all processes whose mark begins with one of `marks`, and those they start meanwhile.

    Returns when none was seen in `looks` looks running: while a process starts another program,
    its environment cannot be read for a moment.
    """
    until = time.monotonic() + PATIENCE
    unseen = 0
    while unseen < looks and time.monotonic() < until:
        found = members(*marks)
        for process in found:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        unseen = 0 if found else unseen + 1
        if unseen < looks:
            time.sleep(0.002)


def supervise(parent: int, *marks: str) -> None:
    """Wait until the process `parent`, which started this one, has ended; then end the marked."""
    os.setsid()
    if os.getppid() == parent:
        _wait(parent)
    end(*marks)


def _wait(parent: int) -> None:
    try:
        handle = os.pidfd_open(parent)
    except (AttributeError, OSError):
        while os.getppid() == parent:
            time.sleep(POLL)
        return
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    if os.getppid() == parent:
        poll.poll()


if __name__ == "__main__":
    supervise(int(sys.argv[1]), *sys.argv[2:])
