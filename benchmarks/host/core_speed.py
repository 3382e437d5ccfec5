"""How fast the models of real cores simulate, in processor time.

    python benchmarks/host/core_speed.py [CORE ...]

Prints host seconds for a million cycles, and the speed beside what is promised for the core. Each
core runs one sample of the model three times, and the fastest run counts: how busy the machine is
does not change processor time, but what others do to its caches does.
"""

from __future__ import annotations

import resource
import sys
from typing import TYPE_CHECKING

from pytest_mlbench import process
from pytest_mlbench.builtin import registry
from pytest_mlbench.case import Case
from pytest_mlbench.firmware.targets.cores import status
from pytest_mlbench.firmware.targets.cores.catalogue import CORES
from pytest_mlbench.firmware.targets.cores.target import CoreTarget
from pytest_mlbench.measure.chain import Chain
from pytest_mlbench.measure.toolbox import Toolbox
from pytest_mlbench.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

MODEL, FEATURES = "aww_twin", ("tuned",)
PROMISED = {"cv32e40p": 2.0, "ibex": 3.0}
"""Millions of cycles in a second."""


def seconds(command: Sequence[object], sample: bytes) -> tuple[float, int]:
    """Processor seconds of one run, and the cycles that it simulated."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = process.run([str(word) for word in command], timeout=600, stdin=sample)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    end = status.parse(done.error_text)
    if end is None or end.end != "exit" or end.code:
        raise SystemExit(done.error_text)
    return after.ru_utime - before.ru_utime, end.cycles


def main(names: Sequence[str]) -> int:
    """0 when no core is slower than promised."""
    toolbox, known, slow = Toolbox(Settings()), registry(), 0
    print(f"{MODEL} {','.join(FEATURES)}, one sample")
    for name in names or PROMISED:
        chain = Chain(Case(MODEL, "aot", FEATURES, target=name), toolbox, known)
        target = chain.target
        if not isinstance(target, CoreTarget):
            raise SystemExit(f"{name} is no core: {', '.join(CORES)}")
        command = (target.model().program, chain.firmware.elf)
        sample = b"".join(chain.model.samples[0])
        taken, cycles = min(seconds(command, sample) for _ in range(3))
        speed = cycles / taken / 1e6
        promised = PROMISED.get(name, 0.0)
        slow += speed < promised
        limit = f" (promised: {promised:g} MHz)" if promised else ""
        print(
            f"{name:12} {cycles:>12,} cycles  {taken / cycles * 1e6:.3f} s for a million  "
            f"{speed:.2f} MHz{limit}"
        )
    return int(slow > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
