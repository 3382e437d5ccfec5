"""What a run left behind: processes and temporary files."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.process import family

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from .project import Project

ORPHANS_AFTER = 2.0
"""Seconds after which nothing that an ended run started may be alive."""


def orphans(project: Project) -> list[str]:
    """The command lines of processes of the project that are alive after `ORPHANS_AFTER` s."""
    return _alive_after(lambda: processes(project))


def strangers(folder: Path, known: Collection[int]) -> list[str]:
    """The same for a machine that has all its files in `folder`: without its processes `known`, and
    without the supervisor of its server, which runs on."""
    return _alive_after(
        lambda: [row for row in _with_tmp_in(folder, known) if f" {family.__file__} " not in row]
    )


def _alive_after(look: Callable[[], list[str]]) -> list[str]:
    until = time.monotonic() + ORPHANS_AFTER
    while (alive := look()) and time.monotonic() < until:
        time.sleep(0.05)
    return alive


def processes(project: Project) -> list[str]:
    """The command lines of all processes that a run of the project started, at any remove.

    They are known by their TMPDIR: workers, supervisors, simulators and interpreters inherit the
    project's own, compilers have their build's folder in the project's cache.
    """
    return _with_tmp_in(project.folder)


def _with_tmp_in(folder: Path, known: Collection[int] = ()) -> list[str]:
    wanted = f"TMPDIR={folder}/".encode()
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208 (a look every 50 ms)
        if not name.isdecimal() or int(name) in (os.getpid(), *known):
            continue
        try:
            rows = Path(f"/proc/{name}/environ").read_bytes().split(b"\0")
            if any(row.startswith(wanted) for row in rows):
                line = Path(f"/proc/{name}/cmdline").read_bytes().replace(b"\0", b" ")
                found.append(f"{name} {line.decode('utf-8', 'replace')}")
        except OSError:
            continue
    return found


def files(project: Project) -> list[str]:
    """Temporary files of runs that are over, in cache, TMPDIR and beside the results."""
    places = [project.folder, project.folder / "bench", project.tmp]
    places += [path for path in project.cache.glob("*") if path.is_dir()]
    return sorted(
        str(path.relative_to(project.folder))
        for place in places
        for path in place.iterdir()
        if path.name.endswith(".partial") or path.name.startswith("mlbench-")
    )
