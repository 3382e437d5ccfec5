"""What git knows of commits. Nothing here changes a repository."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mlbench import process
from pytest_mlbench.errors import Unavailable, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TIMEOUT = 60.0


@dataclass(frozen=True)
class Revision:
    """A commit: its full name, the seconds since 1970 of its committer's date, the first line of
    its message, and the tags that name it."""

    commit: str
    date: int
    subject: str
    tags: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        """The commit's name, shortened for people."""
        return self.commit[:10]


def git(repository: Path, *words: str, timeout: float = TIMEOUT) -> process.Finished:
    """Run git in `repository`, to its end. Raises Unavailable where there is no git."""
    return process.run(
        ["git", "-C", str(repository), "-c", "log.showSignature=false", *words],
        timeout=timeout,
        env={"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"},
    )


def ask(repository: Path, *words: str, timeout: float = TIMEOUT) -> str:
    """git's output. Raises UsageError with git's message if it fails."""
    done = git(repository, *words, timeout=timeout)
    if done.timed_out or done.returncode:
        messages = done.error_text.strip().splitlines() or [f"git ended with {done.returncode}"]
        raise UsageError(messages[-1].removeprefix("fatal: "), where=f"git {words[0]}")
    return done.text.strip("\n")


def commit_of(repository: Path, name: str) -> str:
    """The full name of the commit that `name` means. Raises UsageError when there is none."""
    done = git(repository, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    if done.returncode:
        raise UsageError(
            f"{name!r} is no commit of the repository at {repository}",
            remedy="Name a branch, a tag or a commit; in a shallow clone, fetch its history first",
        )
    return done.text.strip()


def revision(repository: Path, name: str = "HEAD") -> Revision:
    """The commit that `name` means."""
    (found,) = _parse(ask(repository, "log", "-1", _FORMAT, commit_of(repository, name), "--"))
    return found


def line(repository: Path, name: str = "HEAD") -> list[Revision]:
    """The first parents of `name`, oldest first."""
    start = commit_of(repository, name)
    return _parse(ask(repository, "log", "--first-parent", "--reverse", _FORMAT, start, "--"))


def changed_files(repository: Path, *, beside: Path | None = None) -> list[str]:
    """Tracked files that differ from the commit, except those below `beside`."""
    words = ["status", "--porcelain=v1", "-z", "--untracked-files=no", "--", "."]
    top = ask(repository, "rev-parse", "--show-toplevel")
    if beside is not None and str(beside.resolve()).startswith(f"{top}/"):
        words.append(f":(exclude,top){str(beside.resolve()).removeprefix(f'{top}/')}")
    done = git(repository, *words)
    return [entry[3:] for entry in done.text.split("\0") if len(entry) > 3]


def clean(repository: Path, history: Path) -> None:
    """Raise UsageError if tracked files outside `history` differ from the commit: results of
    changed files do not belong to a commit."""
    changed = changed_files(repository, beside=history)
    if changed:
        some = ", ".join(changed[:3]) + (" ..." if len(changed) > 3 else "")
        raise UsageError(
            f"{'1 file differs' if len(changed) == 1 else f'{len(changed)} files differ'} from the "
            f"commit: {some}",
            where=str(repository),
            remedy="Commit them first: results belong to a commit",
        )


def is_repository(folder: Path) -> bool:
    """Whether git takes `folder` for a part of a repository with at least one commit."""
    try:
        return git(folder, "rev-parse", "--verify", "--quiet", "HEAD").returncode == 0
    except Unavailable:
        return False


_FORMAT = "--format=%H%x00%ct%x00%s%x00%D%x01"


def _parse(text: str) -> list[Revision]:
    return [_revision(row.strip("\n").split("\0")) for row in text.split("\1") if row.strip()]


def _revision(fields: Sequence[str]) -> Revision:
    commit, date, subject, names = fields
    tags = (name.strip() for name in names.split(","))
    return Revision(
        commit,
        int(date),
        subject,
        tuple(name.removeprefix("tag: ") for name in tags if name.startswith("tag: ")),
    )
