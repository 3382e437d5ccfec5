"""The reports' rows of the option table (see `pytest_mlbench.options`)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.options import Option
from pytest_mlbench.settings import absolute

if TYPE_CHECKING:
    from pytest_mlbench.records.relative import Reference


def _column(text: str) -> str:
    from pytest_mlbench.records.columns import find_column

    down = "-" if text.startswith("-") else ""
    return down + find_column(text.removeprefix("-"), where="--mlbench-sort").key


def _group(text: str) -> str:
    from pytest_mlbench.records.columns import find_column

    return find_column(text, where="--mlbench-group-by").key


def _reference(text: str) -> Reference:
    from pytest_mlbench.records.relative import parse_reference

    return parse_reference(text)


def _export(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not equals or not path:
        raise ValueError("of the form FORMAT=PATH")
    return name, Path(path)


def _relative(pair: tuple[str, Path], folder: Path) -> tuple[str, Path]:
    return pair[0], absolute(pair[1], folder)


OPTIONS: tuple[Option, ...] = (
    Option(
        "group-by",
        "a table for each value of these columns",
        "list",
        "COLUMN,COLUMN",
        parse=_group,
        split=True,
    ),
    Option(
        "sort",
        "sort the table by these columns; -COLUMN reverses one",
        "list",
        "COLUMN,COLUMN",
        parse=_column,
        split=True,
    ),
    Option(
        "reference",
        "variant to compare the others with, like features=_",
        metavar="PARAMETER=VALUE",
        parse=_reference,
    ),
    Option(
        "history",
        "add the results to the history in this folder, for the current commit",
        "path",
        "DIR",
    ),
    Option("markdown", "write the tables as Markdown", "path", "PATH"),
    Option("csv", "write all columns as CSV", "path", "PATH"),
    Option("html", "write one self-contained HTML report", "path", "PATH"),
    Option(
        "export",
        "write another tool's format: pytest-benchmark, github-action, bencher or your own",
        "list",
        "FORMAT=PATH",
        locate=_relative,
        parse=_export,
    ),
)
