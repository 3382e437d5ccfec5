"""What having the plugin installed costs a pytest run that uses none of it.

    python benchmarks/host/start_up.py [rounds]

Runs pytest on an empty test with and without the plugin in turn and prints the median of the
differences; at most 30 ms is what the project promises on an idle machine.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

from pytest_mlbench import process

ROUNDS = 15


def seconds(folder: Path, *arguments: str) -> float:
    """One pytest run, processor time of the process and its children."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    before = os.times()
    done = process.run([*command, "test_one.py"], timeout=60, cwd=folder)
    if done.returncode != 0:
        raise SystemExit(done.text)
    after = os.times()
    return (after.children_user - before.children_user) + (
        after.children_system - before.children_system
    )


def main() -> None:
    """Print both medians and the difference."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_one.py").write_text("def test_one(): pass\n")
        (folder / "pytest.ini").write_text("[pytest]\n")
        pairs = [(seconds(folder, "-p", "no:mlbench"), seconds(folder)) for _ in range(rounds + 1)]
        pairs = pairs[1:]  # the first fills the byte code caches
    without = statistics.median(pair[0] for pair in pairs)
    with_it = statistics.median(pair[1] for pair in pairs)
    cost = statistics.median(pair[1] - pair[0] for pair in pairs)
    print(f"processor time of pytest alone {1000 * without:.0f} ms, with the plugin", end=" ")
    print(f"{1000 * with_it:.0f} ms; median difference {1000 * cost:.1f} ms (30 ms promised)")


if __name__ == "__main__":
    main()
