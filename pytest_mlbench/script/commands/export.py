"""Write results in another tool's format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.records.report.options import FORMATS

if TYPE_CHECKING:
    import argparse

HELP = f"write results in another tool's format: {', '.join(FORMATS)}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Format, results and where to."""
    parser.add_argument("format", choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS))
    parser.add_argument("results", type=Path, metavar="JSON", help="what --mlbench-json wrote")
    parser.add_argument(
        "output", type=Path, metavar="PATH", help="file; for github-action a folder"
    )


def run(arguments: argparse.Namespace) -> int:
    """0 after writing."""
    from pytest_mlbench.records.gate import load as results
    from pytest_mlbench.records.report import exports

    records = results.load(arguments.results).values()
    for path in exports.write(arguments.format, records, arguments.output):
        print(path)
    return 0
