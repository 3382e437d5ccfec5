"""A matrix of cases without a test file: the same options, the same table, gate and reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.builtin import option_table

if TYPE_CHECKING:
    import argparse

HELP = "build, simulate, check and measure a matrix of cases, without a test file"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Models, and every option of the plugin, with or without `mlbench-` in front."""
    parser.add_argument(
        "models", nargs="*", metavar="MODEL", help="names or .tflite files (default: all models)"
    )
    parser.add_argument("-n", "--workers", metavar="N", help="how many cases at a time (xdist)")
    parser.add_argument("-q", "--quiet", action="store_true", help="the table only")
    parser.add_argument("-x", "--exitfirst", action="store_true", help="stop at the first failure")
    for row in option_table():
        flags = [f"--{row.name}", row.flag]
        if row.kind == "flag":
            parser.add_argument(*flags, dest=row.dest, action="store_true", help=row.help)
            continue
        parser.add_argument(
            *flags,
            dest=row.dest,
            metavar=row.metavar,
            action="append" if row.is_list else "store",
            help=row.help,
        )
    parser.epilog = "Arguments after -- go to pytest: mlbench run aww -- -k Os --lf"


def run(arguments: argparse.Namespace) -> int:
    """pytest's exit status."""
    import pytest

    return int(pytest.main(pytest_arguments(arguments)))


def pytest_arguments(arguments: argparse.Namespace) -> list[str]:
    """pytest's arguments: the benchmark without a file, and the options."""
    words = ["-p", "pytest_mlbench.plugin.bare", "--rootdir=.", "."]
    # A project whose ini file makes errors of warnings would end here: this command has imported
    # the package before pytest could rewrite its asserts, of which it has none.
    words += ["-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning"]
    # Folders of tests that the ini file names are not what is asked for here.
    words += [f"--mlbench-model={model}" for model in arguments.models]
    for row in option_table():
        value = getattr(arguments, row.dest)
        if row.kind == "flag":
            words += [row.flag] if value else []
        elif value is not None:
            values = value if row.is_list else [value]
            words += [f"{row.flag}={text}" for text in values]
    if arguments.workers:
        words += ["-n", arguments.workers]
    words += ["-q"] * arguments.quiet + ["-x"] * arguments.exitfirst
    return [*words, *arguments.rest]
