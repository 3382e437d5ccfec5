"""Tells which process made a temporary file or folder, and whether it still runs.

A killed process leaves temporary files behind. Their names contain their owner, so that a later run
can distinguish them from files that another process is using.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

FOREIGN_AGE = 7 * 86_400.0
"""Seconds after which another machine's files count as left over: its processes cannot be seen from
here, and no build takes that long."""

_NAME = re.compile(r"([0-9a-f]{8})-(\d+)-(\d+)")


@functools.lru_cache(maxsize=4)
def _of(process: int) -> str:
    return f"{_machine()}-{process}-{_started(process)}"


def name() -> str:
    """This process as part of a file name: machine, process id and start time."""
    return _of(os.getpid())


def is_left_over(path: Path) -> bool:
    """Was `path` made by a process that no longer runs? False if its name has no owner."""
    match = _NAME.search(path.name)
    if match is None:
        return False
    if match[1] != _machine():
        try:
            return time.time() - path.lstat().st_mtime > FOREIGN_AGE
        except OSError:
            return False
    return _started(int(match[2])) != match[3]


def left_over(paths: Iterable[Path]) -> list[Path]:
    """The `paths` that were left by a process that no longer runs."""
    return [path for path in paths if is_left_over(path)]


@functools.cache
def _machine() -> str:
    """A name for all processes that can see one another: one boot of a machine or container."""
    parts = [os.uname().nodename]
    with contextlib.suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
    with contextlib.suppress(OSError):
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]


def _started(process: int) -> str:
    """When `process` started, in clock ticks since boot (proc(5), field 22 of stat).

    '0' if the process exists but there is no /proc; empty if it has ended or never was.
    """
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        fields = text.rpartition(")")[2].split()
        # A zombie has ended: it may stay for long where process 1 is in no hurry to wait for it.
        return "" if fields[0] in "ZX" else fields[19]
    except (OSError, IndexError):
        pass
    if Path("/proc/self/stat").exists():
        return ""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    return "0"
