"""How a core and Spike run one firmware: how many samples, and what becomes of a trap. No tools."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, SimpleNamespace

import pytest

from pytest_mlbench.errors import SimulationFailed, Unavailable
from pytest_mlbench.firmware.bare_metal.traps import Trapped
from pytest_mlbench.firmware.target import Counters, Simulation
from pytest_mlbench.firmware.targets.cores.catalogue import CORES
from pytest_mlbench.firmware.targets.cores.target import CoreTarget
from pytest_mlbench.firmware.targets.spike.target import SpikeTarget

CORE = CORES["cv32e40p"]
SAMPLES = tuple(bytes([number]) for number in range(10))
WORDS = {"where": "firmware.elf", "remedy": "Look"}
TRAP = Trapped("illegal instruction at pc 0x80000010", during="run 1", **WORDS)
LATER = Trapped("illegal instruction at pc 0x80000010", during="run 2", **WORDS)


def ran(samples, instructions):
    run = Counters(2 * instructions, instructions)
    outputs = tuple((sample,) for sample in samples)
    return Simulation(Counters(9, 6), (run,) * len(samples), outputs, 0)


class Spike(SpikeTarget):
    """A Spike that answers what it is told to."""

    instructions, fault = 1000, None

    def run(self, elf, samples, *, isa, outputs, timeout):
        if self.fault:
            raise self.fault
        return ran(tuple(samples), self.instructions)


class Core(CoreTarget):
    """A core whose model is not built."""

    fault = None

    def model(self, isa=""):
        return SimpleNamespace(program="model")

    def _run(self, program, elf, samples, outputs, timeout, instructions):
        if self.fault:
            raise self.fault
        return ran(samples, self.spike.instructions)


def run(*, instructions=1000, spike_fault=None, core_fault=None, samples=SAMPLES, **changes):
    spike = type("S", (Spike,), {"instructions": instructions, "fault": spike_fault})()
    kind = type("C", (Core,), {"fault": core_fault})
    target = replace(kind(CORE, spike=spike), **changes)
    return target.run(Path("f.elf"), samples, isa="", outputs=(1,), timeout=9.0)


@pytest.mark.parametrize(
    ("instructions", "waits", "count"),
    [
        (1000, {}, 10),
        (7_500_000, {}, 10),  # 4.9 s each at 2 MHz and 1.3 cycles an instruction
        (33_000_000, {}, 2),
        (400_000_000, {}, 1),
        (7_500_000, {"rom_wait": 3}, 3),
    ],
)
def test_as_many_samples_as_are_estimated_to_take_a_minute(instructions, waits, count):
    found = run(instructions=instructions, waits=MappingProxyType(waits))

    assert len(found.runs) == count
    assert len(found.outputs) == len(SAMPLES)
    assert found.real


@pytest.mark.parametrize(("asked", "count"), [(1, 1), (3, 3), (0, 10)])
def test_as_many_samples_as_were_asked_for(asked, count):
    spike = type("S", (Spike,), {"instructions": 400_000_000})()
    target = Core(CORE, samples=asked, spike=spike)

    found = target.run(Path("f.elf"), SAMPLES, isa="", outputs=(1,), timeout=9.0)

    assert len(found.runs) == count


def test_without_spike_one_sample_is_run_and_validated():
    found = run(spike_fault=Unavailable("no Spike"))

    assert len(found.runs) == len(found.outputs) == 1
    assert found.partial


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        (
            {"core_fault": TRAP},
            (
                "the core cv32e40p and Spike disagree: illegal instruction at pc 0x80000010, "
                "on the core only: Spike ran the same to its end"
            ),
        ),
        (
            {"spike_fault": TRAP},
            (
                "the core cv32e40p and Spike disagree: illegal instruction at pc 0x80000010, "
                "on Spike only: the core ran the same to its end"
            ),
        ),
        (
            {"spike_fault": TRAP, "core_fault": TRAP},
            "illegal instruction at pc 0x80000010; the core cv32e40p trapped as well",
        ),
        ({"spike_fault": LATER}, "illegal instruction at pc 0x80000010"),
        (
            {"spike_fault": TRAP, "core_fault": SimulationFailed("it did not end")},
            "illegal instruction at pc 0x80000010",
        ),
    ],
    ids=["core", "spike", "both", "later-sample", "core-hangs"],
)
def test_a_trap_on_one_of_them_says_on_which(faults, words):
    with pytest.raises(SimulationFailed) as caught:
        run(**faults)

    assert caught.value.what == words
    assert (caught.value.where, caught.value.remedy) == ("firmware.elf", "Look")
