"""Finds and kills all processes that a program started, even detached ones, by a mark.

A process group is not enough: Ninja puts every command into its own group, and a daemon starts its
own session. So each program is started with a mark in its environment, which its children inherit.
The mark is `_MLBENCH_RUN=<owner>.<number>`.

Run as a script, this module is the supervisor: a small process that outlives its parent just long
enough to kill what the parent started. SIGKILL, SIGTERM and SIGHUP end Python at once; without a
supervisor, compilers and simulators would go on without a time limit. It runs without site
packages, so it imports nothing from the project.
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
"""Seconds before giving up: a process in an uninterruptible wait cannot be killed."""

POLL = 0.25
"""Polling interval in seconds on systems that do not report a process's end (Linux before 5.3)."""


def members(*marks: str) -> list[int]:
    """The processes whose mark begins with one of `marks`, without this one. Zombies have none."""
    wanted = [f"\0{MARK}={mark}".encode() for mark in marks]
    own = str(os.getpid())
    found = []
    with contextlib.suppress(OSError):
        for name in os.listdir("/proc"):  # noqa: PTH208 (a supervisor imports as little as it can)
            if not name.isdecimal() or name == own:
                continue
            try:
                with open(f"/proc/{name}/environ", "rb") as file:  # noqa: PTH123
                    rows = b"\0" + file.read()
            except OSError:
                continue
            if any(each in rows for each in wanted):
                found.append(int(name))
    return found


def end(*marks: str, looks: int = 2) -> None:
    """Kills all processes whose mark begins with one of `marks`, and those they start meanwhile.

    Returns when none was found in `looks` consecutive scans: while a process starts another
    program, its environment cannot be read for a moment.
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
    """Waits until `parent`, which started this process, has ended; then kills marked processes."""
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
