"""`python -m pytest_mlbench COMMAND`: everything that is not running a benchmark."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import pkgutil
import sys
from typing import TYPE_CHECKING

from ._version import __version__
from .errors import MlbenchError
from .script import commands

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit status: 0 good, 1 a finding, 2 a mistake or a failure."""
    parser = argparse.ArgumentParser(prog="python -m pytest_mlbench", description=__doc__)
    parser.add_argument("--version", action="version", version=__version__)
    choices = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    modules = {}
    for info in pkgutil.iter_modules(commands.__path__):
        if info.name.startswith("_"):
            continue
        name = info.name.replace("_", "-")
        modules[name] = importlib.import_module(f"{commands.__name__}.{info.name}")
        child = choices.add_parser(name, help=modules[name].HELP, description=modules[name].HELP)
        modules[name].add_arguments(child)
    parsed = parser.parse_args(arguments)
    try:
        status = int(modules[parsed.command].run(parsed))
        sys.stdout.flush()
    except MlbenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read it has seen enough, as `head` does
        _silence()
        return 2
    except OSError as error:
        if error.filename is not None:
            raise
        print(f"error: cannot write the answer: {error.strerror}", file=sys.stderr)
        _silence()
        return 2
    return status


def _silence() -> None:
    """Let Python's own last flush of standard output go nowhere."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
