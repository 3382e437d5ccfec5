"""Compare two result files, or two revisions; the exit status says whether anything got worse."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from pytest_mlbench.records.record import Record

HELP = "compare two results (JSON or baseline), or revisions with --rev: exit 1 on regression"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A, B and tolerances; or revisions and arguments for pytest."""
    parser.add_argument(
        "files",
        nargs="*",
        metavar="A B",
        help="the older results or a baseline, then the newer",
    )
    parser.add_argument(
        "--rev",
        default="",
        metavar="A[..B]",
        help="measure revision A and B (default: the files as they are) in a work tree; arguments "
        "after -- go to pytest",
    )
    parser.add_argument(
        "--tolerance",
        action="append",
        default=[],
        metavar="METRIC=N|N%",
        help="how much worse a metric may get (repeatable; default 0)",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="exit 1 also for cases that failed, are missing or cannot be compared",
    )
    parser.add_argument("--markdown", action="store_true", help="print Markdown instead of text")


def run(arguments: argparse.Namespace) -> int:
    """0: nothing got worse; 1: a regression."""
    from pytest_mlbench.records.gate import load, summary
    from pytest_mlbench.records.gate.compare import compare_all
    from pytest_mlbench.records.gate.tolerance import parse_all
    from pytest_mlbench.records.report import comparison as markdown
    from pytest_mlbench.records.report import partial

    rules = parse_all(arguments.tolerance, where="--tolerance")
    old, new = _revisions(arguments) if arguments.rev else _files(arguments)
    found = compare_all(old.values(), new.values(), rules)
    missing = "" if arguments.rev else load.partials(map(Path, arguments.files))
    if arguments.markdown:
        print(partial.markdown(markdown.comparison(found), missing), end="")
    else:
        print(summary.summary(found, details=True))
        if missing:
            print(f"Not all of the run is in it: {missing}")
    bad = {"regressed"} | ({"failed", "missing", "incomparable"} if arguments.strict else set())
    return int(any(row.state in bad for row in found))


def _files(arguments: argparse.Namespace) -> tuple[Mapping[str, Record], Mapping[str, Record]]:
    from pytest_mlbench.errors import UsageError
    from pytest_mlbench.records.gate import load as results

    if len(arguments.files) != 2:
        raise UsageError(
            f"{len(arguments.files)} files are given, expected two: the older results, the newer",
            remedy="To compare revisions: compare --rev main",
        )
    old, new = (results.load(Path(name)) for name in arguments.files)
    return old, new


def _revisions(
    arguments: argparse.Namespace,
) -> tuple[Mapping[str, Record], Mapping[str, Record]]:
    """Measure both; without B, measure the files as they are, including changes."""
    from pytest_mlbench.errors import UsageError
    from pytest_mlbench.records.history.revisions import commit_of
    from pytest_mlbench.records.history.words import commit
    from pytest_mlbench.script.worktree import measure, work_tree

    if arguments.files:
        raise UsageError(
            f"{arguments.files[0]!r} is given beside --rev",
            where="compare",
            remedy="Write arguments for pytest after --",
        )
    here = Path()
    first, dots, second = arguments.rev.partition("..")
    ends = [commit_of(here, first or "HEAD")]
    if dots:
        ends.append(commit_of(here, second.removeprefix(".") or "HEAD"))
    found = []
    with work_tree(here, ends[0]) as tree:
        for end in ends:
            what = commit(tree.checkout(end))
            found.append(measure(tree.folder, arguments.rest, what=what))
    if not dots:
        found.append(measure(here, arguments.rest, what="the files as they are"))
    return found[0], found[1]
