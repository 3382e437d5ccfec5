"""Cores among the targets: which cases there are, and what their runs add to a record. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from test_matrix import KNOWN, asked

from pytest_mlbench.errors import UsageError
from pytest_mlbench.firmware.target import Counters, Simulation
from pytest_mlbench.firmware.targets.cores.catalogue import CORES
from pytest_mlbench.firmware.targets.cores.target import CoreTarget
from pytest_mlbench.firmware.targets.spike.target import SpikeTarget
from pytest_mlbench.measure import derive, matrix
from pytest_mlbench.measure.record_of import measured_of
from pytest_mlbench.measure.registry import Registry, by_name
from pytest_mlbench.options import check_energy, energy, frequency, sample_count

CORES_TOO: Registry = replace(
    KNOWN, targets=by_name("target", [SpikeTarget(), *map(CoreTarget, CORES.values())])
)


def names(**wanted: Any) -> list[str]:
    choices = asked(**{"models": ("aww",), **wanted})
    return [case.name for case in matrix.cases(choices, CORES_TOO)]


def test_wait_states_are_for_cores_only() -> None:
    assert names(targets=("", "cv32e40p"), config={"rom_wait": "3"}) == [
        "aww-aot-_-O3",
        "aww-aot-_-O3-cv32e40p-rom_wait=3",
    ]


def test_what_a_core_cannot_execute_is_left_out_where_others_can() -> None:
    features = ((), ("tuned", "vext"))
    assert names(targets=("", "ibex"), features=features) == [
        "aww-aot-_-O3",
        "aww-aot-_-O3-ibex",
        "aww-aot-tuned+vext-O3",
    ]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            {"targets": ("cv32e40p",), "isas": ("rv32gc",)},
            "has rv32imc, and rv32gc is asked for: it lacks a, f, d. Leave --mlbench-isa out, or",
        ),
        ({"targets": ("", "vexriscv"), "isas": ("rv32imc",)}, "vexriscv has rv32im"),
        ({"targets": ("ibex",), "features": (("tuned", "vext"),)}, "which rv32imc does not have"),
        ({"targets": ("ibx",)}, "unknown target 'ibx'. Did you mean 'ibex'?"),
        ({"config": {"rom_wait": "3"}}, "'rom_wait'. It belongs to target cv32e40p, target ibex"),
        (
            {"targets": ("ibex",), "config": {"rom_wait": "many"}},
            "--mlbench-config rom_wait: 'many' is not a number of cycles",
        ),
    ],
)
def test_what_no_case_can_use_is_refused(wanted: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        names(**wanted)
    assert message in str(refused.value)


RUNS = (Counters(300, 200, (7, 1, 50)), Counters(303, 200, (8, 1, 50)))
SIMULATION = Simulation(
    Counters(9, 6), RUNS, (), 0, events=("run_load_stalls", "", "run_jumps"), real=True
)


def test_a_real_cores_run_has_cpi_and_events() -> None:
    found = derive.ran(SIMULATION, {})

    assert found["run_cycles"] == 302
    assert found["run_millicycles_per_instruction"] == 1510
    assert (found["run_load_stalls"], found["run_jumps"]) == (8, 50)
    assert "" not in found
    assert "run_microseconds" not in found


def test_a_clock_gives_times() -> None:
    assert derive.ran(SIMULATION, {}, clock=1_000_000)["run_microseconds"] == 302


@pytest.mark.parametrize(
    ("text", "clock", "nanojoules"),
    [("20pJ", 0, 6), ("20 pj", 1_000, 6), ("5mW", 1_000_000, 1510), ("2.5mw", 100_000_000, 8)],
)
def test_a_figure_of_the_users_gives_energy(text: str, clock: int, nanojoules: int) -> None:
    """302 cycles; halves go up: 6.04, 1,510 and 7.55 nJ."""
    found = derive.ran(SIMULATION, {}, clock=clock, energy=energy(text))
    assert found["run_nanojoules"] == nanojoules


@pytest.mark.parametrize("text", ["", "20", "0pJ", "-1pJ", "5W", "5MW", "5 mW/MHz", "1e3pJ"])
def test_what_is_no_energy_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="like 20pJ"):
        energy(text)


def test_a_power_without_a_clock_is_refused() -> None:
    with pytest.raises(UsageError, match="needs a clock"):
        check_energy(energy("5mW"), 0)
    check_energy(energy("5mW"), 1)
    check_energy(energy("5pJ"), 0)


def test_a_note_says_of_how_many_samples_the_cycles_are() -> None:
    validated = replace(SIMULATION, outputs=((b"",),) * 10)

    assert measured_of(validated, "ibex") == [
        "ibex: the cycles are those of the first 2 of 10 samples"
    ]
    assert measured_of(replace(validated, outputs=((b"",),) * 2), "ibex") == []
    assert measured_of(replace(validated, real=False), "spike") == []


def test_a_note_explains_what_the_core_counts_beyond_spike() -> None:
    (note,) = measured_of(replace(SIMULATION, outputs=((b"",),) * 2, extra_instructions=1), "ibex")
    assert note.startswith("ibex: instructions exceed Spike's by up to 1: ")


def test_spikes_cycles_are_no_times() -> None:
    found = derive.ran(replace(SIMULATION, real=False), {}, clock=1_000_000, energy=energy("9pJ"))

    assert not {
        "run_microseconds",
        "run_nanojoules",
        "run_millicycles_per_instruction",
        "run_jumps",
    } & set(found)


def test_an_operators_row_has_its_events() -> None:
    assert derive.operator(RUNS[0], SIMULATION.events) == {
        "cycles": 300,
        "instructions": 200,
        "load_stalls": 7,
        "jumps": 50,
    }


def test_the_counters_of_an_operator_that_runs_in_parts_are_added_up() -> None:
    one, two = Counters(3, 2, (1,)), Counters(50, 40, (7,))
    assert derive.by_operator([one, two, one, two], [4, 5, 4, 6]) == {
        4: Counters(6, 4, (2,)), 5: two, 6: two,
    }  # fmt: skip


@pytest.mark.parametrize(("text", "value"), [("all", 0), ("1", 1), ("25", 25)])
def test_a_number_of_samples(text: str, value: int) -> None:
    assert sample_count(text) == value


@pytest.mark.parametrize("text", ["0", "-1", "some", ""])
def test_no_number_of_samples(text: str) -> None:
    with pytest.raises(ValueError, match="a number of samples, or all"):
        sample_count(text)


@pytest.mark.parametrize(
    ("text", "value"), [("100MHz", 100_000_000), ("32768Hz", 32_768), ("1.5GHz", 1_500_000_000)]
)
def test_a_frequency(text: str, value: int) -> None:
    assert frequency(text) == value


@pytest.mark.parametrize("text", ["100", "MHz", "0Hz", "1 xhz"])
def test_no_frequency(text: str) -> None:
    with pytest.raises(ValueError, match="a frequency, like 100MHz"):
        frequency(text)
