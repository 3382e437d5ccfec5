"""`python -m campaigns NAME --seed N --count N`: run one campaign, or all."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
import time

COUNTS = {
    "kill": 20,
    "signals": 20,
    "fuzz": 5000,
    "guided": 20_000,
    "fault": 60,
    "race": 2,
    "remote": 4,
}
"""The campaigns, and what each does where no count is given."""


def main() -> int:
    """The exit status: 1 when anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m campaigns", description=__doc__)
    parser.add_argument("name", choices=[*COUNTS, "all"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int)
    given = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} CPUs, Python {platform.python_version()}")
    status = 0
    for name in COUNTS if given.name == "all" else [given.name]:
        began = time.monotonic()
        module = importlib.import_module(f"campaigns.{name}")
        tally = module.campaign(given.seed, given.count or COUNTS[name])
        print(f"{tally}\n  seed {given.seed}, {time.monotonic() - began:.0f} s", flush=True)
        status |= bool(tally.wrong)
    return status


if __name__ == "__main__":
    sys.exit(main())
