"""Find the commit that made a metric worse, by measuring commits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

HELP = "find the commit that made a metric worse; arguments after -- go to pytest"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The metric and the two ends; everything after `--` is given to pytest."""
    parser.add_argument("metric", metavar="METRIC", help="for example 'Total ROM'")
    parser.add_argument("--good", required=True, metavar="REV", help="where it was good")
    parser.add_argument("--bad", default="HEAD", metavar="REV", help="where it is worse (HEAD)")
    parser.add_argument("--case", default="", metavar="NAME", help="the case (default: the worst)")
    parser.add_argument(
        "--repository", type=Path, default=Path(), metavar="DIR", help="repository of the commits"
    )


def run(arguments: argparse.Namespace) -> int:
    """0 when the commit is found, 1 when commits that cannot be measured hide it."""
    from pytest_mlbench.records.metrics import find
    from pytest_mlbench.script.bisection import Search

    search = Search(
        find(arguments.metric).key,
        tuple(arguments.rest),
        repository=arguments.repository,
        case=arguments.case,
    )
    found = search.run(arguments.good, arguments.bad)
    print(found.text)
    return 0 if found.commit else 1
