"""Measuring other revisions of the user's repository, each in a work tree of its own.

The user's own files, index and branch are not touched.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench import process
from pytest_mlbench.errors import Unavailable, UsageError
from pytest_mlbench.records.history.revisions import ask, git, revision

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_mlbench.records.history.revisions import Revision
    from pytest_mlbench.records.record import Record

TIMEOUT = 4 * 3600.0
"""Seconds that measuring one revision may take."""

_QUIETLY = ("--maxfail=0", "-p", "no:cacheprovider", "-q", "--color=no")
"""The gate of the project's ini file may fail tests, but stops nothing: the measurements count."""


@dataclass(frozen=True)
class WorkTree:
    """A work tree at `top`; `folder` in it corresponds to the user's current folder."""

    top: Path
    folder: Path

    def checkout(self, commit: str) -> Revision:
        """Check out `commit`."""
        ask(self.top, "checkout", "--quiet", "--force", "--detach", commit)
        return revision(self.top)


@contextlib.contextmanager
def work_tree(repository: Path, commit: str) -> Iterator[WorkTree]:
    """A temporary work tree with the files of `commit`; removed at the end.

    Raises UsageError if `repository` is not a git repository.
    """
    top = Path(ask(repository, "rev-parse", "--show-toplevel"))
    inside = repository.resolve().relative_to(top.resolve())
    with tempfile.TemporaryDirectory(prefix="mlbench-") as place:
        tree = Path(place).resolve() / "tree"
        git(repository, "worktree", "prune")
        ask(repository, "worktree", "add", "--quiet", "--detach", str(tree), commit)
        try:
            yield WorkTree(tree, tree / inside)
        finally:
            git(repository, "worktree", "remove", "--force", str(tree))


def measure(folder: Path, arguments: Sequence[str], *, what: str) -> dict[str, Record]:
    """Run `pytest ARGUMENTS` in `folder`: its records by case. Cases may have failed.

    Raises UsageError with pytest's last words when it measured nothing.
    """
    from pytest_mlbench.records.gate import load as results

    if not folder.is_dir():
        raise UsageError(f"{what} has no such folder", where=str(folder))
    print(f"measuring {what} ...", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="mlbench-results-") as place:
        path = Path(place) / "results.json"
        done = process.run(
            [sys.executable, "-m", "pytest", *arguments, *_QUIETLY,
             f"--mlbench-json={path}"],
            timeout=TIMEOUT, cwd=folder,
        )  # fmt: skip
        if done.timed_out:
            raise Unavailable(f"{what}: pytest took longer than {TIMEOUT / 3600:g} hours")
        found = results.load(path) if path.exists() else {}
    if not any(record.metrics for record in found.values()):
        last_lines = (done.text.strip() or done.error_text.strip()).splitlines()[-12:]
        raise UsageError(
            f"{what} measured nothing; pytest ended with {done.returncode}:\n"
            + "\n".join(last_lines)
        )
    return found
