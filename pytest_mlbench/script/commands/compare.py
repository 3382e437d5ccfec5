"""Compare two result files; the exit status says whether anything got worse."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

HELP = "compare two results (JSON or baseline): exit 1 on regression"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A, B and what is allowed."""
    parser.add_argument("old", type=Path, metavar="A", help="the older results or a baseline")
    parser.add_argument("new", type=Path, metavar="B", help="the newer results")
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
    from pytest_mlbench.records.gate import load as results
    from pytest_mlbench.records.gate import summary
    from pytest_mlbench.records.gate.compare import compare_all
    from pytest_mlbench.records.gate.tolerance import parse_all
    from pytest_mlbench.records.report import comparison as markdown

    rules = parse_all(arguments.tolerance, where="--tolerance")
    old, new = results.load(arguments.old), results.load(arguments.new)
    found = compare_all(old.values(), new.values(), rules)
    if arguments.markdown:
        print(markdown.comparison(found), end="")
    else:
        print(summary.summary(found, details=True))
    bad = {"regressed"} | ({"failed", "missing", "incomparable"} if arguments.strict else set())
    return int(any(row.state in bad for row in found))
