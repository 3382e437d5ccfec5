"""Write results in another tool's format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ._options import known

if TYPE_CHECKING:
    import argparse

HELP = "write results in another tool's format"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Format, results and where to."""
    parser.add_argument("format", metavar="FORMAT", help="see `mlbench list formats`")
    parser.add_argument("results", type=Path, metavar="JSON", help="what --mlbench-json wrote")
    parser.add_argument(
        "output", type=Path, metavar="PATH", help="file; for github-action a folder"
    )


def run(arguments: argparse.Namespace) -> int:
    """0 after writing."""
    from pytest_mlbench.records.gate import load as results
    from pytest_mlbench.records.report import exports

    form = known().format(arguments.format)
    records = results.load(arguments.results).values()
    missing = results.partial(arguments.results)
    for path in exports.write(form, records, arguments.output, partial=missing, asked=True):
        print(path)
    return 0
