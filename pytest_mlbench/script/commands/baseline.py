"""Save earlier results as a baseline, as --mlbench-save does, without a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

HELP = "save results (JSON) as a baseline, for example those of a CI run"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The results and the baseline."""
    parser.add_argument("results", type=Path, nargs="+", metavar="JSON", help="what runs wrote")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="YAML",
        help="the baseline; cases that are not among the results keep their block",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """0 after writing; 1 when no case could be taken."""
    from pytest_mlbench.records.gate import load as results
    from pytest_mlbench.records.gate.judge import save

    shards = [(str(path), results.load(path).values()) for path in arguments.results]
    text, taken = save(arguments.output, results.merge(shards))
    print(text)
    if partial := results.partials(arguments.results):
        print(f"Not all of the run is in it: {partial}")
    return int(not taken)
