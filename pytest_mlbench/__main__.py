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
from .errors import MlbenchError, nearest
from .script import commands

if TYPE_CHECKING:
    from collections.abc import Sequence


def parser() -> argparse.ArgumentParser:
    """The command line of all commands. Parsed arguments hold the command's `module`, its parser
    `own`, and this parser, `top`."""
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
        child.set_defaults(module=module, own=child, top=top)
        module.add_arguments(child)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit status: 0 good, 1 a finding, 2 a mistake or a failure."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # What stands behind `--` is pytest's, which has many options of the same names.
    cut = given.index("--") if "--" in given else len(given)
    parsed = _parse(given[:cut])
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


def _parse(given: Sequence[str]) -> argparse.Namespace:
    """As `parser().parse_args`, but a mistyped command or option is told the nearest one."""
    top, known = parser(), _modules()
    if given and not given[0].startswith("-") and given[0] not in known:
        top.error(f"unknown command {given[0]!r}. {nearest(given[0], known)}".rstrip())
    parsed, unknown = top.parse_known_args(given)
    if unknown:
        own: argparse.ArgumentParser = parsed.own
        options = [
            name
            for action in own._actions  # noqa: SLF001 (argparse has no public list of them)
            for name in action.option_strings
        ]
        names = [word.partition("=")[0] for word in unknown if word.startswith("-")]
        hint = nearest(names[0], options) if names else ""
        # Where no option is near, `--help` lists them better than one long line.
        hint = hint if hint.startswith("Did you mean") else f"See {own.prog} --help"
        own.error(f"unrecognized arguments: {' '.join(unknown)}. {hint}")
    return parsed


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
