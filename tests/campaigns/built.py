"""Changed models that are accepted, built and run, beside TensorFlow Lite Micro.

Each trial draws mutants of small networks until one is accepted, then takes it all the way: C,
compiler, Spike, outputs compared bit for bit with the reference interpreter's, for one of the sets
of kernels. What the reference itself refuses or dies of is counted apart. Wrong is: other outputs
than the reference's, a record that passed without a comparison, firmware that does not build or
run, an error that is no refusal.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from pytest_mlbench.api import Study
from pytest_mlbench.errors import MlbenchError
from pytest_mlbench.measure.validation.golden import REFERENCES

from .mutants import SETS, mutant, small_models, whole_way
from .project import tools
from .tally import chance, remove, workplace

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from .tally import Tally

SAMPLES = "3"
_REFERENCE = tuple(reference.distribution for reference in REFERENCES)


def campaign(tally: Tally, seed: int, first: int, count: int) -> None:
    """Build and run `count` mutants."""
    with workplace() as folder:
        for number in tally.trials(first, count):
            random = chance("built", seed, number)
            features, isa = random.choice(SETS)
            data = _accepted(random, features, isa)
            label = f"mutant {number} of seed {seed}, {','.join(features) or 'reference'}"
            try:
                _measure(tally, label, folder, data, features)
            except Exception:  # noqa: BLE001 (that is what is looked for)
                last = traceback.format_exc().strip().splitlines()
                tally.expect(False, f"{label}: {last[-1]} ({last[-3].strip()})")


def _accepted(random: Random, features: tuple[str, ...], isa: str) -> bytes:
    while True:
        base = random.choice(small_models())
        data = mutant(base, random)
        if data == base:
            continue
        try:
            whole_way(data, features, isa)
        except MlbenchError:
            continue
        return data


def _measure(
    tally: Tally, label: str, folder: Path, data: bytes, features: tuple[str, ...]
) -> None:
    path = folder / "mutant.tflite"
    path.write_bytes(data)
    surroundings = tools()
    study = Study(
        path,
        features=",".join(features) or "_",
        toolchains=surroundings["MLBENCH_TOOLCHAIN"],
        spike=surroundings["MLBENCH_SPIKE"],
        samples=SAMPLES,
        timeout=60,
        cache=folder / "cache",
        offline=True,
    )
    (record,) = study.run().records
    refused = record.outcome == "failed" and record.reason.startswith(_REFERENCE)
    tally.outcomes["refused by the reference" if refused else record.outcome] += 1
    if record.outcome == "passed":
        compared = record.validation.get("matched", 0)
        tally.expect(
            compared == int(SAMPLES) == record.validation["samples"],
            f"{label}: passed with {record.validation}",
        )
    else:
        tally.expect(refused, f"{label}: {record.outcome}: {record.reason}")
        tally.expect("\n" not in record.reason, f"{label}: {record.reason}")
    remove(folder / "cache/firmware")
    remove(folder / "cache/golden")
