"""`mlbench COMMAND`, also `python -m pytest_mlbench COMMAND`: lists, runs, reports, provisions."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import pkgutil
import sys
from typing import TYPE_CHECKING, Any

from ._version import __version__
from .errors import MlbenchError
from .script import commands

if TYPE_CHECKING:
    from collections.abc import Sequence


def parser() -> argparse.ArgumentParser:
    """The command line of all commands. Parsed arguments hold the command's
    `module` and this parser, `top`."""
    top = argparse.ArgumentParser(
        prog="mlbench",
        description="Benchmarks of TinyML models on bare-metal RISC-V. "
        "`mlbench COMMAND --help` says more.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=__version__)
    choices = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in _modules().items():
        child = choices.add_parser(
            name, help=module.HELP, description=module.HELP, allow_abbrev=False
        )
        child.set_defaults(module=module, top=top)
        module.add_arguments(child)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit status: 0 good, 1 a finding, 2 a mistake or a failure."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # What stands behind `--` is pytest's, which has many options of the same names.
    cut = given.index("--") if "--" in given else len(given)
    parsed = parser().parse_args(given[:cut])
    parsed.rest = given[cut + 1 :]
    try:
        status = int(parsed.module.run(parsed))
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


def _modules() -> dict[str, Any]:
    names = [info.name for info in pkgutil.iter_modules(commands.__path__)]
    return {
        name.replace("_", "-"): importlib.import_module(f"{commands.__name__}.{name}")
        for name in names
        if not name.startswith("_")
    }


def _silence() -> None:
    """Let Python's own last flush of standard output go nowhere."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
