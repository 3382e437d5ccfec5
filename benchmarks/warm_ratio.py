"""How long a warm run of the zoo takes, in times of the bare compiler and Spike commands.

    python benchmarks/warm_ratio.py [OPTION FOR PYTEST ...]

Timed on this machine, one after the other: `pytest benchmarks/test_zoo.py` with warm caches; for
each of its cases the compiler commands that its firmware was built with, run again one by one; and
Spike on that firmware with all samples. The first is divided by the sum of the others and printed.
Nothing is asserted: time is noisy, and this machine may be busy with other things.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pytest_mlbench import process
from pytest_mlbench.builtin import option_table, registry
from pytest_mlbench.case import Case
from pytest_mlbench.measure.chain import Chain
from pytest_mlbench.measure.toolbox import Toolbox
from pytest_mlbench.resolution import Given, resolve

ZOO = Path(__file__).with_name("test_zoo.py")
TIMEOUT = 3600.0


def main(options: list[str]) -> int:
    """Print the ratio. Returns 1 when the run it times did not pass."""
    toolbox = Toolbox(resolve(option_table(), Given(environment=os.environ)))
    known = registry()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        results = folder / "results.json"
        command = [sys.executable, "-m", "pytest", "-q", str(ZOO), f"--mlbench-json={results}"]
        timed([*command, *options])  # fills the caches
        warm = timed([*command, *options])
        records = json.loads(results.read_text(encoding="utf-8"))["records"]
        print(f"{'seconds':24} {'compile':>8} {'Spike':>8}")
        total, passed = 0.0, True
        for record in records:
            if record["outcome"] != "passed":
                print(f"{record['case']:24} {record['outcome']}: {record['reason']}")
                passed = False
                continue
            chain = Chain(case_of(record["params"]), toolbox, known)
            compiling, simulating = compile_again(chain, folder), simulate_again(chain)
            print(f"{record['case']:24} {compiling:8.2f} {simulating:8.2f}", flush=True)
            total += compiling + simulating
    print(f"\nwarm run of pytest       {warm:8.2f}")
    print(f"compiler and Spike alone {total:8.2f}")
    print(f"ratio                    {warm / total:8.2f}" if total else "nothing was measured")
    return 0 if passed else 1


def case_of(params: dict[str, Any]) -> Case:
    """The case of a record of the zoo: the target's own ISA, no config."""
    return Case(params["model"], params["backend"], tuple(params["features"]), params["optimize"])


def timed(command: list[str]) -> float:
    """The seconds that a command takes from start to end."""
    start = time.perf_counter()
    process.run(command, timeout=TIMEOUT)
    return time.perf_counter() - start


def compile_again(chain: Chain, folder: Path) -> float:
    """Run each of the firmware's compiler commands again, into `folder`."""
    total = 0.0
    rows = json.loads(chain.firmware.compile_commands.read_text(encoding="utf-8"))
    for row in rows:
        if not Path(row["directory"], row["file"]).exists():
            continue  # an empty file of the build folder, which is not kept
        words = shlex.split(row["command"])
        words[words.index("-o") + 1] = str(folder / "object.o")
        start = time.perf_counter()
        done = process.run(words, timeout=TIMEOUT, cwd=folder, env=chain.toolchain.environment)
        total += time.perf_counter() - start
        if done.returncode:
            raise SystemExit(f"{done.command_line}\n{done.error_text}")
    return total


def simulate_again(chain: Chain) -> float:
    """Run Spike on the firmware and all samples; only the time of the program itself counts."""
    took: list[float] = []
    run = process.run

    def measuring(*arguments: Any, **keywords: Any) -> process.Finished:
        start = time.perf_counter()
        done = run(*arguments, **keywords)
        took.append(time.perf_counter() - start)
        return done

    _ = chain.firmware, chain.model, chain.target.version()
    process.run = measuring
    try:
        _ = chain.simulation
    finally:
        process.run = run
    return sum(took)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
