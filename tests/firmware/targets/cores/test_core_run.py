"""Firmware on models of cores: the same outputs as Spike, and what becomes of each bad one."""

from __future__ import annotations

import re

import pytest
from bare_metal import HELLO, firmware, hello_output, model
from cores import NAMES, core_target, run

from pytest_mlbench import process
from pytest_mlbench.errors import SimulationFailed, Unavailable
from pytest_mlbench.firmware.targets.cores import status
from pytest_mlbench.firmware.targets.spike.target import SpikeTarget

pytestmark = pytest.mark.spike

SAMPLES = (bytes(16), bytes(range(16)), bytes([255]) * 16)
TRAPPING = [name for name in NAMES if name != "picorv32"]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


def built(source, target, home, **more):
    return firmware(source, home, isa=target.isa, target=target, **more)


def failure(source, target, home, **options):
    made = built(source, target, home)
    with pytest.raises(SimulationFailed) as caught:
        run(target, made, **options)
    return str(caught.value)


def no_spike(*_, **__):
    raise Unavailable("no Spike here")


@pytest.fixture
def alone(monkeypatch):
    """Cores alone, without Spike beside them."""
    monkeypatch.setattr(SpikeTarget, "run", no_spike)


@pytest.mark.parametrize("name", NAMES)
def test_outputs_are_the_models(home, name):
    target = core_target(name, samples=0)

    report = run(target, built(HELLO, target, home), SAMPLES)

    assert report.outputs == tuple((hello_output(sample),) for sample in SAMPLES)
    assert all(one.cycles > one.instructions > 16 for one in report.runs)
    assert report.real
    assert report == run(target, built(HELLO, target, home), SAMPLES)


def test_one_sample_is_measured_and_all_are_validated(home):
    target = core_target("picorv32", samples=1)

    report = run(target, built(HELLO, target, home), SAMPLES)

    assert len(report.runs) == 1
    assert report.outputs == tuple((hello_output(sample),) for sample in SAMPLES)


def test_without_spike_only_what_the_core_ran_is_validated(home, alone):
    target = core_target("picorv32", samples=2)

    report = run(target, built(HELLO, target, home), SAMPLES)

    assert report.partial
    assert report.outputs == tuple((hello_output(sample),) for sample in SAMPLES[:2])


@pytest.mark.parametrize("name", NAMES)
def test_wait_states_cost_cycles_and_no_instructions(home, name):
    found = []
    for key, wait in (("rom_wait", 0), ("rom_wait", 1), ("rom_wait", 4), ("ram_wait", 4)):
        target = core_target(name, waits={key: wait})
        report = run(target, built(HELLO, target, home), SAMPLES[:1])
        found.append(report.runs[0])

    cycles = [one.cycles for one in found]
    assert cycles[0] < cycles[1] < cycles[2]
    assert cycles[0] < cycles[3]
    assert max(one.instructions for one in found) - found[0].instructions <= 2


@pytest.mark.parametrize("name", NAMES)
def test_the_cores_counter_is_the_benchs(home, name):
    """Two inferences of different length: the core's counter and the bench's own differ alike.

    What lies between a region and the firmware's calls of the host is the same for both; caches
    are warm after the first inferences.
    """
    target = core_target(name, samples=0)
    source = model(
        """
        for (volatile uint32_t i = 0; i < 50u + 100u * in0[0]; ++i) { }
        return 0;"""
    )
    samples = [bytes([number % 2, 0, 0, 0]) for number in range(6)]
    made = built(source, target, home)
    report = run(target, made, samples)
    done = process.run(
        [target.model().program, made.elf, "--calls", "1"], timeout=60, stdin=b"".join(samples)
    )
    lines = [status.parse(text) for text in done.error_text.splitlines()]
    calls = [one.cycles for one in lines if one and one.end == "running"]
    # The calls of one inference: read its input; write RUN's head and counters, (EVENTS' two,)
    # OUTPUT's head and bytes. Setup writes the same without an output.
    frames = 2 if target.core.events else 1
    each, first = 1 + 2 * frames + 2, 2 * frames
    starts = [calls[first + each * number] for number in range(len(samples))]
    ends = [calls[first + each * number + 1] for number in range(len(samples))]
    between = [end - start for start, end in zip(starts, ends, strict=True)]

    assert between[5] - between[4] == report.runs[5].cycles - report.runs[4].cycles > 100


ENDLESS = model('for (;;) { __asm__ volatile(""); } return 0;')


def test_an_endless_loop_is_told(home):
    message = failure(ENDLESS, core_target("picorv32"), home, timeout=0.5)

    assert "did not end within 0.5 s" in message


def test_an_endless_loop_on_the_core_alone_is_told_with_how_far_it_was(home, alone):
    for timeout in (0.5, 5.0, 50.0):  # on a busy machine, the first is over before the setup
        message = failure(ENDLESS, core_target("picorv32"), home, timeout=timeout)
        if "in mlbench_invoke" in message:
            break

    assert f"did not end within {timeout:g} s" in message
    assert "setup and 0 runs had ended, of 1 samples" in message
    assert re.search(r"million cycles and was at pc 0x8000\w+ in mlbench_invoke", message)


@pytest.mark.parametrize("name", TRAPPING)
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('__asm__ volatile("unimp");', "illegal instruction"),
        ('__asm__ volatile("ebreak");', "breakpoint"),
    ],
    ids=["illegal", "ebreak"],
)
def test_a_trap_is_told_with_its_place(home, name, body, words):
    message = failure(model(setup=f"{body} return 0;"), core_target(name), home)

    assert words in message
    assert "in mlbench_setup" in message


@pytest.mark.parametrize("name", NAMES)
def test_a_store_to_rom_is_refused(home, name, alone):
    """Spike has no protection for this firmware: the bench has."""
    target = core_target(name)
    rom = target.core.rom + 0x1000
    body = f'__asm__ volatile("sw zero, 0(%0)" :: "r"({rom:#x}u));'

    message = failure(model(f"{body} return 0;"), target, home)

    assert f"store to {rom:#010x}" in message or "store outside of memory" in message
    assert "in run 1" in message


def test_a_trap_that_only_the_core_takes_is_a_disagreement(home):
    target = core_target("picorv32")
    rom = target.core.rom + 0x1000
    body = f'__asm__ volatile("sw zero, 0(%0)" :: "r"({rom:#x}u));'

    message = failure(model(f"{body} return 0;"), target, home)

    assert "the core picorv32 and Spike disagree: " in message
    assert "on the core only: Spike ran the same to its end" in message


def test_picorv32_stops_with_its_trap_signal(home, alone):
    body = '__asm__ volatile("lw zero, 1(%0)" :: "r"(mlbench_inputs));'

    message = failure(model(f"{body} return 0;"), core_target("picorv32"), home)

    assert "the core picorv32 stopped with its trap signal" in message
    assert "in mlbench_invoke" in message


def test_a_firmware_that_does_not_fit_is_refused(home, tmp_path):
    target = core_target("picorv32")
    made = built(HELLO, target, home)
    other = core_target("vexriscv").model().program

    done = process.run([other, made.elf], timeout=30, stdin=b"")

    assert status.parse(done.error_text).what == "the firmware does not fit the core's memory"
