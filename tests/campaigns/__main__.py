"""`python -m campaigns NAME --seed N --count N [--first N]`: run one campaign, or all."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import signal
import sys
import time
from pathlib import Path

from .tally import Tally

COUNTS = {
    "kills": 20,
    "cache": 20,
    "signals": 20,
    "mutants": 5000,
    "built": 20,
    "guided": 20_000,
    "faults": 60,
    "races": 2,
    "remote": 8,
    "layers": 4,
}
"""The campaigns, and what each does where no count is given."""


def main() -> int:
    """The exit status: 1 when anything was wrong, 3 when it was ended before its end."""
    parser = argparse.ArgumentParser(prog="python -m campaigns", description=__doc__)
    parser.add_argument("name", choices=[*COUNTS, "all"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int)
    parser.add_argument("--first", type=int, default=0, help="the number of the first trial")
    parser.add_argument(
        "--folder", type=Path, help="cache only: where it goes on when it is started again"
    )
    given = parser.parse_args()
    if given.folder is not None and given.name != "cache":
        parser.error("--folder is for the campaign `cache`")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    where = f"{os.cpu_count()} CPUs, {memory} GiB, Python {platform.python_version()}"
    print(f"{platform.platform()}, {where}, {time.strftime('%Y-%m-%d %H:%M')}", flush=True)
    # SIGTERM ends a long run with its figures, as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    status = 0
    for name in COUNTS if given.name == "all" else [given.name]:
        began = time.monotonic()
        module = importlib.import_module(f"campaigns.{name}")
        tally = Tally(name)
        trials = given.seed, given.first, given.count or COUNTS[name]
        try:
            if given.folder is not None:
                module.campaign_in(given.folder, tally, *trials)
            else:
                module.campaign(tally, *trials)
        except KeyboardInterrupt:
            again = "the same command" if given.folder else f"--first {given.first + tally.tried}"
            tally.facts["ended early, continue with"] = again
            status |= 2
        print(f"{tally}\n  seed {given.seed}, {time.monotonic() - began:.0f} s", flush=True)
        status |= bool(tally.wrong)
    return status


if __name__ == "__main__":
    sys.exit(main())
