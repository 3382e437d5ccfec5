"""From sizes and counters to the metrics of the catalogue."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mlbench.backends.interface import Generated
from pytest_mlbench.firmware.target import Counters, Simulation
from pytest_mlbench.measure import derive
from pytest_mlbench.records.metrics import METRICS

SIZES = {"rom_code": 100, "rom_total": 100, "flash_image": 104}


def simulation(*runs: int) -> Simulation:
    counted = tuple(Counters(run, run - 1) for run in runs)
    return Simulation(Counters(10, 9), counted, ((),) * len(runs), 96)


def test_a_run_gives_mean_least_and_most():
    found = derive.ran(simulation(100, 101, 105), {"macs": 50})

    assert found == {
        "setup_cycles": 10,
        "run_cycles": 102,
        "run_cycles_min": 100,
        "run_cycles_max": 105,
        "total_cycles": 112,
        "setup_instructions": 9,
        "run_instructions": 101,
        "run_instructions_min": 99,
        "run_instructions_max": 104,
        "total_instructions": 110,
        "stack_peak": 96,
        "run_millinstructions_per_mac": 2020,
    }


def test_without_runs_or_macs_nothing_is_made_up():
    assert set(derive.ran(simulation(), {"macs": 5})) == {
        "setup_cycles",
        "setup_instructions",
        "stack_peak",
    }
    assert "run_millinstructions_per_mac" not in derive.ran(simulation(7), {})


def test_a_build_has_sizes_plan_and_macs():
    rows = ({"macs": 3}, {"macs": 4})
    made = Generated((), arena_peak=64, arena_bound=60, operators=rows)

    assert derive.built(SIZES, made) == {
        **SIZES,
        "arena_peak": 64,
        "arena_bound": 60,
        "macs": 7,
    }
    assert derive.built(SIZES, Generated(())) == SIZES
    declared = Generated((), operators=rows, metrics={"macs": 9, "arena_declared": 1000})
    assert derive.built(SIZES, declared)["macs"] == 9
    assert derive.built(SIZES, declared)["arena_declared"] == 1000


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=20))
def test_the_mean_is_the_nearest_integer(values):
    mean = derive.mean(values)

    assert abs(2 * (mean * len(values) - sum(values))) <= len(values)
    assert min(values) <= mean <= max(values)


@pytest.mark.parametrize(("number", "by", "ratio"), [(1, 2, 1), (3, 2, 2), (1, 3, 0), (5, 3, 2)])
def test_halves_go_upwards(number, by, ratio):
    assert derive.ratio(number, by) == ratio


def test_every_derived_metric_is_in_the_catalogue():
    made = Generated((), arena_peak=1, arena_bound=1, operators=({"macs": 1},))
    metrics = derive.built(SIZES, made)
    metrics |= derive.ran(simulation(5), metrics)
    assert set(metrics) <= set(METRICS)
