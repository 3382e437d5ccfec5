"""Show what the cache holds, and free some of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._options import add_machine_options, open_toolbox

if TYPE_CHECKING:
    import argparse

    from pytest_mlbench.provision import usage

HELP = "show what the cache holds; remove what has not been used for some days"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to remove; by default nothing."""
    parser.add_argument(
        "--older-than",
        type=float,
        metavar="DAYS",
        help="remove entries that were made or used longer ago",
    )
    parser.add_argument(
        "--kind", action="append", default=[], metavar="KIND", help="only these kinds"
    )
    parser.add_argument("--all", action="store_true", help="remove every entry")
    parser.add_argument("--dry-run", action="store_true", help="only show what would be removed")
    add_machine_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 after printing one line per kind."""
    import time

    from pytest_mlbench.errors import UsageError, unknown
    from pytest_mlbench.provision import usage

    cache = open_toolbox(arguments).cache
    entries = usage.entries(cache)
    kinds = sorted({entry.kind for entry in entries})
    for kind in arguments.kind:
        if kind not in kinds:
            raise unknown("kind", kind, kinds, where="--kind")
    if arguments.all and arguments.older_than is not None:
        raise UsageError("--all and --older-than exclude each other")
    days = 0.0 if arguments.all else arguments.older_than
    doomed = set()
    if days is not None:
        limit = time.time() - 86_400 * days
        doomed = {
            entry
            for entry in entries
            if entry.used <= limit and entry.kind in (arguments.kind or kinds)
        }
    print(cache.root)
    for kind in kinds:
        of_kind = [entry for entry in entries if entry.kind == kind]
        gone = [entry for entry in of_kind if entry in doomed]
        line = f"{kind:<12} {len(of_kind):>6,} entries {_size(of_kind):>10}"
        verb = "to remove" if arguments.dry_run else "removed"
        print(f"{line}   {len(gone):,} {verb}, {_size(gone)}" if gone else line)
    print(f"{'all':<12} {len(entries):>6,} entries {_size(entries):>10}")
    if not arguments.dry_run:
        for entry in sorted(doomed):
            usage.remove(cache, entry)
    return 0


def _size(entries: list[usage.Entry]) -> str:
    total = sum(entry.bytes for entry in entries)
    return f"{total / 1e6:,.1f} MB"
