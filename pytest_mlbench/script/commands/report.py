"""Make reports from results that were written before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

HELP = "make HTML, Markdown and CSV reports from results (JSON or baseline)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Results, the files to write, and how to show them."""
    parser.add_argument("results", type=Path, metavar="JSON", help="what --mlbench-json wrote")
    for name in ("html", "markdown", "csv"):
        parser.add_argument(f"--{name}", type=Path, metavar="PATH", help=f"write {name} to PATH")
    parser.add_argument("--columns", default="", metavar="NAME,NAME", help="columns of the tables")
    parser.add_argument("--sort", default="", metavar="NAME,NAME", help="-NAME reverses one")
    parser.add_argument("--group-by", default="", metavar="NAME,NAME", help="a table per value")
    parser.add_argument(
        "--reference", default="", metavar="PARAMETER=VALUE", help="like features=_"
    )
    parser.add_argument("--clock", default="", metavar="100MHz", help="for times in ms")
    parser.add_argument(
        "--energy", default="", metavar="20pJ|5mW", help="of a cycle, or at the clock: for energy"
    )


def figure(parse: Callable[[str], Any], arguments: argparse.Namespace, name: str) -> Any:
    """The option `name` as a value, None where it was not given. Raises UsageError."""
    from pytest_mlbench.errors import UsageError

    given = getattr(arguments, name)
    try:
        return parse(given) if given else None
    except ValueError as error:
        raise UsageError(f"{given!r} is not {error}", where=f"--{name}") from error


def run(arguments: argparse.Namespace) -> int:
    """0 after writing; Markdown goes to the terminal when no file is named."""
    from pytest_mlbench.options import check_energy, energy, frequency
    from pytest_mlbench.records.columns import find_column
    from pytest_mlbench.records.gate import load as results
    from pytest_mlbench.records.relative import parse_reference
    from pytest_mlbench.records.report.clock import with_energy
    from pytest_mlbench.records.report.write import ReportView, text

    def names(option: str) -> tuple[str, ...]:
        words = [word.strip() for word in getattr(arguments, option).split(",")]
        for word in filter(None, words):
            find_column(word.removeprefix("-"), where=f"--{option.replace('_', '-')}")
        return tuple(filter(None, words))

    reference = (
        parse_reference(arguments.reference, where="--reference") if arguments.reference else None
    )
    clock = figure(frequency, arguments, "clock") or 0
    amount = figure(energy, arguments, "energy")
    check_energy(amount, clock, where="--energy")
    shown = names("columns"), names("sort"), names("group_by")
    view = ReportView(*shown, reference, clock, results.partial(arguments.results))
    records = with_energy(results.load(arguments.results).values(), amount, clock)
    wanted = {name: getattr(arguments, name) for name in ("html", "markdown", "csv")}
    if not any(wanted.values()):
        print(text("markdown", records, view), end="")
        return 0
    from pytest_mlbench.records.files import write_text

    for name, path in wanted.items():
        if path:
            print(write_text(path, text(name, records, view)))
    return 0
