"""Merge the result files of a CI matrix."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

HELP = "merge results of several runs (shards) into one JSON file"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The shards and the file to write."""
    parser.add_argument("shards", type=Path, nargs="+", metavar="JSON", help="what runs wrote")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="JSON", help="the file to write"
    )


def run(arguments: argparse.Namespace) -> int:
    """0, or UsageError when two shards disagree."""
    from pytest_mlbench.records import record
    from pytest_mlbench.records.files import write_text
    from pytest_mlbench.records.gate import load as results

    shards = [(str(path), results.load(path).values()) for path in arguments.shards]
    records = results.merge(shards)
    partial = results.partials(arguments.shards)
    write_text(arguments.output, record.dumps(records, partial=partial))
    print(f"{arguments.output}: {len(records)} cases of {len(shards)} files")
    if partial:
        print(f"Not all of the run is in it: {partial}")
    return 0
