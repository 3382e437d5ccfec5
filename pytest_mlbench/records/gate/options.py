"""The gate's rows of the option table (see `pytest_mlbench.options`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.options import Option

if TYPE_CHECKING:
    from .tolerance import Rule


def _tolerance(text: str) -> Rule:
    from .tolerance import parse

    return parse(text, where="--mlbench-tolerance")


OPTIONS: tuple[Option, ...] = (
    Option("baseline", "compare every case with this baseline (YAML)", "path", "FILE"),
    Option(
        "save",
        "accept this run: write the cases that ran into the baseline, leave the others alone",
        "flag",
    ),
    Option(
        "gate",
        "off: do not compare; warn: report regressions; fail: fail the tests (default)",
        metavar="off|warn|fail",
        default="fail",
        choices=("off", "warn", "fail"),
    ),
    Option(
        "tolerance",
        "how much worse a metric, a group (cycles, rom, ram, all) or a pattern (run_*) may get "
        "than in the baseline (default 0); new=fail, improved=fail",
        "list",
        "METRIC=N|N%",
        parse=_tolerance,
        merge=True,
    ),
)
