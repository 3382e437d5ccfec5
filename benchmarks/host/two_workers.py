"""How much faster the eight zoo cases are with two workers than with one.

    python benchmarks/host/two_workers.py

Every case is built anew (a fresh firmware cache, tools and models from the usual one), so that the
work is a first run's. Prints the ratio of the times; 0.65 or less is what the project promises on
a machine with two idle cores. The records of both runs must be the same bytes.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from pytest_mlbench import process
from pytest_mlbench.provision.cache import default_root

KEPT = ("debian", "files", "sources", "golden", "hosts", "probes")
"""What of the cache both runs start with: tools, models and reference outputs."""

LIMIT = 0.65


def run(folder: Path, cache: Path, workers: int) -> tuple[float, bytes]:
    """Seconds and JSON of the eight cases."""
    results = folder / f"{workers}.json"
    command = [sys.executable, "-m", "pytest", "benchmarks/test_zoo.py", "-q", f"-n{workers}"]
    command += ["--dist=worksteal", f"--mlbench-cache={cache}", f"--mlbench-json={results}"]
    started = time.perf_counter()
    done = process.run(command, timeout=1800, cwd=Path(__file__).parents[2])
    taken = time.perf_counter() - started
    if done.returncode != 0:
        raise SystemExit(done.text + done.error_text)
    return taken, results.read_bytes()


def main() -> int:
    """0 when the ratio is within the limit and the records are equal."""
    source = Path(os.environ.get("MLBENCH_CACHE") or default_root())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        results = []
        for workers in (1, 2):
            cache = folder / f"cache{workers}"
            cache.mkdir()
            for kind in KEPT:
                if (source / kind).exists():
                    shutil.copytree(source / kind, cache / kind, symlinks=True)
            results.append(run(folder, cache, workers))
    (one, first), (two, second) = results
    print(f"1 worker {one:.1f} s, 2 workers {two:.1f} s, ratio {two / one:.2f} (limit {LIMIT})")
    if first != second:
        print("the records of the two runs differ")
        return 1
    return int(two / one > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
