"""Which worker gets which case first, and which shard of a run a case belongs to.

With `--dist worksteal` xdist gives each worker a block of neighbours. Neighbours in a matrix are
one model with other options and cost alike, so the cases are put in an order that mixes them.

Shards are runs on machines that do not know of one another: each comes to the same split, from the
cases and the baseline alone.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_mlbench.records.record import Record

SAMPLES = 10
"""Samples of a usual model: a baseline does not say how many there were."""

OVERHEAD = 200_000_000
"""What a case costs beside its simulation, in simulated cycles: a build takes about as long."""


def spread(count: int, workers: int) -> list[int]:
    """An order of range(count) in which each worker's block of neighbours gets an even mix.

    The numbers are given out as in a snake draft: to the workers first to last, then last to first.
    """
    worker_of = [
        place if turn % 2 == 0 else workers - 1 - place
        for turn, place in (divmod(number, workers) for number in range(count))
    ]
    return sorted(range(count), key=lambda number: (worker_of[number], number))


def costs(cases: Iterable[str], known: Iterable[Record]) -> dict[str, int]:
    """Case -> its cost in cycles, as `known` records say; the median of those for any other."""
    samples = {
        row.case: SAMPLES * row.metrics["run_cycles"] + OVERHEAD
        for row in known
        if "run_cycles" in row.metrics
    }
    usual = int(statistics.median(samples.values())) if samples else OVERHEAD
    return {case: samples.get(case, usual) for case in cases}


def shards(cost_of: Mapping[str, int], count: int) -> dict[str, int]:
    """Case -> its shard, from 1 to `count`: the dearest first, each to the cheapest shard so far.

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
