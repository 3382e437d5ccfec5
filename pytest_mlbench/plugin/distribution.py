"""Which worker gets which case first, and which shard of a run a case belongs to.

With `--dist worksteal` xdist gives each worker a block of neighbouring cases. Neighbours share the
model and take about equally long, so the cases are put in an order that mixes them.

Shards are independent runs on several machines: each computes the same split from the cases and the
baseline alone.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_mlbench.records.record import Record

SAMPLES = 10
"""Assumed number of samples: a baseline does not say how many there were."""

OVERHEAD = 200_000_000
"""The cost of a case besides its simulation, in simulated cycles: about that of a build."""


def spread(count: int, workers: int) -> list[int]:
    """An order of range(count) in which each worker's block of neighbours gets an even mix.

    Numbers are assigned as in a snake draft: first worker to last, then last to first.
    """
    worker_of = [
        place if turn % 2 == 0 else workers - 1 - place
        for turn, place in (divmod(number, workers) for number in range(count))
    ]
    return sorted(range(count), key=lambda number: (worker_of[number], number))


def costs(cases: Iterable[str], known: Iterable[Record]) -> dict[str, int]:
    """Case -> its cost in cycles according to the `known` records; for other cases their median."""
    samples = {
        row.case: SAMPLES * row.metrics["run_cycles"] + OVERHEAD
        for row in known
        if "run_cycles" in row.metrics
    }
    usual = int(statistics.median(samples.values())) if samples else OVERHEAD
    return {case: samples.get(case, usual) for case in cases}


def shards(cost_of: Mapping[str, int], count: int) -> dict[str, int]:
    """Case -> its shard, 1 to `count`: most expensive first, each into the shard with least so far.

    The longest shard takes at most 4/3 of the best possible (R. L. Graham, Bounds on
    multiprocessing timing anomalies, 1969).
    """
    load = [0] * count
    found = {}
    for case in sorted(cost_of, key=lambda case: (-cost_of[case], case)):
        shard = min(range(count), key=lambda number: (load[number], number))
        load[shard] += cost_of[case]
        found[case] = shard + 1
    return found
