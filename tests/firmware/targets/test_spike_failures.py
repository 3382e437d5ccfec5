"""Firmware on Spike: what becomes of each bad run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from bare_metal import HELLO, find_spike, firmware, model, simulate

from pytest_mlbench.errors import SimulationFailed, Unavailable, UsageError
from pytest_mlbench.firmware.targets.spike.target import SpikeTarget

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.spike


def failure(source: str, home: Path, **options) -> str:
    """The message of the run that fails."""
    built = firmware(source, home)
    with pytest.raises(SimulationFailed) as caught:
        simulate(built, **options)
    return str(caught.value)


TRAPS = {
    "illegal": ("unimp", "illegal instruction"),
    "ecall": ("ecall", "ecall"),
    "ebreak": ("ebreak", "breakpoint"),
    "misaligned": ("lw zero, 1(%0)", "misaligned load"),
    "rom": ("li t0, 0x80000000; sw zero, 0(t0)", "store to 0x80000000 in ROM"),
    "nowhere": ("li t0, 0x70000000; lw zero, 0(t0)", "load outside of memory"),
    "vector": (".word 0x0c0572d7", "illegal instruction 0x0c0572d7"),
}
"""Name -> assembly, and words of the message. The last is a vector instruction."""

FAILING = model(
    "switch (in0[0]) {"
    + "".join(
        f'case {number}: __asm__ volatile("{body}" :: "r"(mlbench_inputs) : "t0"); break;'
        for number, (body, _) in enumerate(TRAPS.values(), 1)
    )
    + "} return in0[1];"
)
"""Byte 0 of its input chooses a trap, byte 1 is what the backend's code returns."""


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_is_told_with_its_place(home, name):
    words = TRAPS[name][1]

    message = failure(FAILING, home, samples=(bytes([1 + list(TRAPS).index(name), 0, 0, 0]),))

    assert words in message
    place = r"at pc 0x8000[0-9a-f]{4} in mlbench_invoke(\+0x[0-9a-f]+)? \(model\.c:\d+\), in run 1"
    assert re.search(place, message)
    assert ("ISA" in message) == (name in ("illegal", "vector"))


def test_a_trap_in_a_later_run_names_the_run(home):
    message = failure(FAILING, home, samples=(bytes(4), bytes(4), b"\1\0\0\0"))

    assert "in run 3" in message


def test_a_trap_in_setup_on_a_64_bit_machine(home):
    built = firmware(model(setup='__asm__ volatile("unimp"); return 0;'), home, isa="rv64gc")
    place = r"illegal instruction.* in mlbench_setup(\+0x[0-9a-f]+)? \(model\.c:\d+\), in setup"
    with pytest.raises(SimulationFailed, match=place):
        simulate(built, isa="rv64gc")


def test_stack_overflow_is_told_as_one_and_a_target_may_have_more(home):
    source = model(
        "volatile uint32_t start = 1; return deeper(&start, 300);",
        before="""
        __attribute__((noinline)) static int32_t deeper(volatile uint32_t *above, int32_t more) {
          volatile uint32_t frame[64];
          frame[0] = *above;
          return more ? deeper(frame, more - 1) + (int32_t)(frame[3] & 0) : 0;
        }""",
    )
    big = SpikeTarget(name="big-stack", stack=128 << 10)

    message = failure(source, home)

    assert "stack overflow" in message
    assert "deeper" in message
    assert 300 * 256 < simulate(firmware(source, home, target=big)).stack_peak < 100_000


def test_an_endless_loop_ends_at_the_time_limit(home):
    for timeout in (0.3, 3, 30):  # on a busy machine, the first is over before the setup
        message = failure(model("for (;;) {}"), home, timeout=timeout)
        if "mlbench_invoke" in message:
            break

    assert f"did not end within {timeout:g} s (setup and 0 runs had ended, of 1 samples" in message
    assert re.search(r"it was at pc 0x8000[0-9a-f]{4} in mlbench_invoke \(model\.c:\d+\)", message)
    assert "--mlbench-timeout" in message


def test_a_status_of_the_backends_is_told(home):
    assert "failed in setup with code -7" in failure(model(setup="return -7;"), home)
    assert "failed in run 1 with code 3" in failure(FAILING, home, samples=(b"\0\3\0\0",))


def test_samples_that_do_not_fit_are_told(home):
    message = failure(model(), home, samples=(b"12345",))

    assert "in run 2 input 0 needs 4 bytes, but 1 remained" in message


def test_outputs_that_do_not_fit_are_told(home):
    assert "expected output 0 of 8 bytes, found 4 bytes" in failure(model(), home, outputs=(8,))


def test_garbage_on_the_output_is_told(home):
    source = model(
        setup="""
        static volatile uint64_t block[8] = {64, 1, 0, 6};
        block[2] = (uintptr_t)"hello\\n";
        tohost[0] = (uintptr_t)block;
        while (fromhost[0] == 0) {}
        fromhost[0] = 0;
        return 0;""",
        before="extern volatile uintptr_t tohost[], fromhost[];",
    )

    message = failure(source, home)

    assert "garbled at byte 0: expected a frame, found 'hello" in message


def test_output_without_end_is_stopped(home):
    source = model(
        """
        static volatile uint64_t block[8] = {64, 1, 0, sizeof flood};
        block[2] = (uintptr_t)flood;
        for (;;) {
          block[0] = 64;
          tohost[0] = (uintptr_t)block;
          while (fromhost[0] == 0) {}
          fromhost[0] = 0;
        }""",
        before="extern volatile uintptr_t tohost[], fromhost[]; static uint8_t flood[1 << 20];",
    )

    assert "writes too much output" in failure(source, home, timeout=50)


def test_samples_without_input_are_refused(home):
    assert "the samples are empty" in failure(model(inputs=()), home, samples=(b"", b""))


def test_a_firmware_that_says_nothing(home):
    message = failure(
        model(
            setup="for (;;) tohost[0] = 1;",
            before="extern volatile uintptr_t tohost[];",
        ),
        home,
    )

    assert "ends early, in setup: expected frame SETUP" in message


def test_an_isa_that_is_none_is_refused():
    for call in (SpikeTarget().components, SpikeTarget().link_options):
        with pytest.raises(UsageError, match="not an ISA string"):
            call("riscv")


def test_a_missing_simulator_is_told(home):
    built = firmware(HELLO, home)
    with pytest.raises((Unavailable, UsageError), match="no program"):
        SpikeTarget(program="/nowhere/spike").run(
            built.elf, (), isa="rv32gc", outputs=(4,), timeout=5
        )


def test_a_damaged_elf_is_told(home, tmp_path):
    broken = tmp_path / "broken.elf"
    broken.write_bytes(firmware(HELLO, home).elf.read_bytes()[:300])
    with pytest.raises(SimulationFailed, match=r"broken\.elf"):
        SpikeTarget(program=str(find_spike().path)).run(
            broken, (), isa="rv32gc", outputs=(4,), timeout=20
        )
