"""Options that commands share with the plugin, without `mlbench-` in front."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.builtin import measuring_options
from pytest_mlbench.options import LLVM, toolchain_label

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable

    from pytest_mlbench.firmware.target import Target
    from pytest_mlbench.measure.registry import Registry
    from pytest_mlbench.measure.toolbox import Toolbox
    from pytest_mlbench.options import Option

CASE = ("backend", "features", "optimize", "target", "isa", "vlen", "config")
"""The options that choose a case of a model, as far as its generated code depends on them."""

Row = tuple[str, str, str]
"""'ok', 'missing' or 'note'; what; the details."""


def add_machine_options(parser: argparse.ArgumentParser) -> None:
    """Add `--cache`, `--mirror` and so on, also as `--mlbench-cache`, ..."""
    _add(parser, _machine())


def add_case_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose one case of a model, in the same way: `--features`, ..."""
    _add(parser, [row for row in measuring_options() if row.name in CASE])


def _add(parser: argparse.ArgumentParser, rows: Iterable[Option]) -> None:
    for row in rows:
        flags = [f"--{row.name}", row.flag]
        if row.kind == "flag":
            parser.add_argument(
                *flags, dest=row.dest, help=row.help, action="store_const", const=True
            )
        elif row.is_list:
            parser.add_argument(
                *flags, dest=row.dest, help=row.help, metavar=row.metavar, action="append"
            )
        else:
            parser.add_argument(*flags, dest=row.dest, help=row.help, metavar=row.metavar)


def open_toolbox(arguments: argparse.Namespace) -> Toolbox:
    """The toolbox for parsed arguments and the environment. Raises UsageError."""
    from pytest_mlbench.measure.toolbox import Toolbox
    from pytest_mlbench.resolution import Given, resolve

    command = {row.dest: vars(arguments).get(row.dest) for row in measuring_options()}
    given = {dest: value for dest, value in command.items() if value is not None}
    settings = resolve(
        measuring_options(),
        Given(command=given, environment=dict(os.environ), folder=Path.cwd()),
    )
    toolbox = Toolbox(settings)
    toolbox.sources.check()
    return toolbox


def _machine() -> list[Option]:
    """The options that describe the machine rather than a benchmark."""
    return [row for row in measuring_options() if row.machine]


def known() -> Registry:
    """The registry: what is built in, and what the `conftest.py` of the current folder adds."""
    from pytest_mlbench.builtin import registry
    from pytest_mlbench.errors import UsageError

    path = Path.cwd() / "conftest.py"
    if not path.is_file():
        return registry()
    specification = importlib.util.spec_from_file_location("mlbench_conftest", path)
    if specification is None or specification.loader is None:
        return registry()
    module = importlib.util.module_from_spec(specification)
    sys.path.insert(0, str(path.parent))
    try:
        specification.loader.exec_module(module)
    except Exception as error:
        raise UsageError(
            f"cannot be imported: {type(error).__name__}: {error}", where=str(path)
        ) from error
    return registry([module])


def compilers(toolchains: tuple[str, ...]) -> list[tuple[str, str]]:
    """For each compiler the title of its row, and its name in cases ('' for the default one)."""
    if len(toolchains) < 2 and LLVM not in toolchains:
        return [("toolchain", "")]
    return [(f"toolchain {label}", label) for label in map(toolchain_label, toolchains)]


def compiler(toolbox: Toolbox, target: Target, choice: str) -> str:
    """A description of a target's compiler. Raises Unavailable if it cannot be had."""
    found = toolbox.toolchain(target.isa, choice)
    why = f", because {toolbox.fallback}" if toolbox.fallback and not choice else ""
    return f"{target.isa}/{target.abi}: {found.identity} ({found.origin}){why}"


def attempt(name: str, step: Callable[[], str]) -> Row:
    """The row of a step that returns its details, or raises an MlbenchError."""
    from pytest_mlbench.errors import MlbenchError

    try:
        return ("ok", name, step())
    except MlbenchError as error:
        return ("missing", name, str(error))


def line(state: str, name: str, detail: str) -> str:
    """One line of a command's answer: 'ok', 'missing' or 'note', what, and the details."""
    return f"{state:<8} {name:<14} {detail}".rstrip()
