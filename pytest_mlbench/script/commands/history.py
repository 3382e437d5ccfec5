"""Results over time: add those of a commit, show them, check the newest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from pytest_mlbench.records.history.revisions import Revision
    from pytest_mlbench.records.history.series import History

HELP = "results over time: add results of a commit, show steps and their commits, check the newest"

FOLDER = Path("mlbench-history")
"""The default folder of a history."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`add`, `show` and `check`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="add results (JSON or baseline) as those of a commit")
    add.add_argument("results", type=Path, nargs="+", metavar="FILE", help="what runs wrote")
    add.add_argument("--commit", default="", metavar="REV", help="the commit (default: HEAD)")
    show = actions.add_parser("show", help="show metrics over time, and the commit of each step")
    show.add_argument("--html", type=Path, metavar="PATH", help="write a page instead of text")
    check = actions.add_parser("check", help="exit 1 if the newest is worse than the last ones")
    check.add_argument(
        "--tolerance", action="append", default=[], metavar="METRIC=N|N%",
        help="how much worse a metric may be (repeatable; default 0)",
    )  # fmt: skip
    show.add_argument(
        "--metric",
        action="append",
        default=[],
        metavar="NAME",
        help="metric to show (repeatable; default: Total Cycles, Total ROM, Total RAM)",
    )
    show.add_argument("--last", type=_count, default=0, metavar="N", help="only N commits")
    check.add_argument(
        "--last", type=_count, default=0, metavar="N", help="commits to compare with (default: 10)"
    )
    for child in (show, check):
        child.add_argument("--branch", default="HEAD", metavar="REV", help="whose first parents")
        child.add_argument(
            "--case", default="", metavar="TEXT", help="only cases whose name has these words"
        )
    for child in (add, show, check):
        child.add_argument("--history", type=Path, default=FOLDER, metavar="DIR", help="its folder")
        child.add_argument(
            "--repository",
            type=Path,
            default=Path(),
            metavar="DIR",
            help="repository of the commits",
        )


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ValueError
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """0; for `check` 1 when something got worse."""
    return {"add": _add, "show": _show, "check": _check}[arguments.action](arguments)


def _add(arguments: argparse.Namespace) -> int:
    from pytest_mlbench.records.gate import load as results
    from pytest_mlbench.records.history import store
    from pytest_mlbench.records.history.revisions import clean, revision

    shards = [(str(path), results.load(path).values()) for path in arguments.results]
    records = results.merge(shards)
    if not arguments.commit:
        clean(arguments.repository, arguments.history)
    commit = revision(arguments.repository, arguments.commit or "HEAD")
    added = store.add(arguments.history, commit, records)
    state = "added" if added.new else "was there before"
    print(f"{added.path}: {added.count} of {commit.short} {commit.subject}: {state}")
    if partial := results.partials(arguments.results):
        print(f"Not all of the run is in it: {partial}")
    return 0


def _line(arguments: argparse.Namespace, entries: object) -> list[Revision]:
    from pytest_mlbench.records.history.revisions import is_repository, line
    from pytest_mlbench.records.history.series import by_date

    if is_repository(arguments.repository):
        return line(arguments.repository, arguments.branch)
    return by_date(entries)  # type: ignore[arg-type]


def _load(
    arguments: argparse.Namespace, *, metrics: tuple[str, ...] = (), last: int = 0
) -> History:
    from pytest_mlbench.records.history import store
    from pytest_mlbench.records.history.series import history

    entries = store.load(arguments.history)
    words = arguments.case.split()
    return history(entries, _line(arguments, entries), metrics=metrics, words=words, last=last)


def _show(arguments: argparse.Namespace) -> int:
    import functools
    import shutil

    from pytest_mlbench.records.files import write_text
    from pytest_mlbench.records.history import page, text
    from pytest_mlbench.records.history.causes import cause
    from pytest_mlbench.records.metrics import find

    metrics = tuple(find(name, where="--metric").key for name in arguments.metric)
    found = _load(arguments, metrics=metrics, last=arguments.last)
    why = functools.partial(cause, arguments.history, found)
    if arguments.html:
        print(write_text(arguments.html, page.page(found, why)))
    else:
        print(text.render(found, why, shutil.get_terminal_size().columns))
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from pytest_mlbench.records.gate import summary
    from pytest_mlbench.records.gate.tolerance import parse_all
    from pytest_mlbench.records.history.check import LAST, check

    rules = parse_all(arguments.tolerance, where="--tolerance")
    found = check(_load(arguments), rules, last=arguments.last or LAST)
    print(summary.summary(found))
    return int(any(row.state == "regressed" for row in found))
