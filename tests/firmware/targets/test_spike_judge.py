"""What becomes of a simulator's end, without a simulator."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from pytest_mlbench.errors import SimulationFailed, UsageError
from pytest_mlbench.firmware.bare_metal import traps
from pytest_mlbench.firmware.bare_metal.report import classify_exit
from pytest_mlbench.firmware.bare_metal.wire import Trap
from pytest_mlbench.firmware.targets.spike.target import SpikeTarget
from pytest_mlbench.process import Finished

ELF = Path("some/firmware.elf")
GOOD = struct.pack("<IIQQ", 1, 16, 5, 5) + struct.pack("<III", 4, 4, 64)


def finished(stdout: bytes = GOOD, *, code: int = 0, stderr: bytes = b"", late: bool = False):
    return Finished(("spike",), code, stdout, stderr, late)


def message(done: Finished) -> str:
    with pytest.raises(SimulationFailed) as caught:
        classify_exit(done, ELF, samples=0, outputs=(), timeout=2.5)
    return str(caught.value)


def test_a_good_end_is_a_report():
    assert classify_exit(finished(), ELF, samples=0, outputs=(), timeout=1).stack_peak == 64


def test_a_kill_names_the_signal():
    assert "killed by signal SIGKILL (setup had not ended)" in message(finished(b"", code=-9))
    assert "killed by signal 99" in message(finished(b"", code=-99))


def test_a_time_limit_names_limit_and_option():
    text = message(finished(GOOD[:-3], code=-9, late=True))

    assert "within 2.5 s (setup and 0 runs had ended" in text
    assert "--mlbench-timeout" in text


def test_spikes_own_words_are_passed_on():
    text = message(finished(b"", code=1, stderr=b"error: bad --isa option\n"))

    assert "expected frame SETUP (Spike says: error: bad --isa option)" in text


def test_a_bad_status_after_a_good_report_fails():
    assert "ended with status 3" in message(
        finished(code=3, stderr=b"*** FAILED *** (tohost = 3)\n")
    )


def test_a_trap_without_a_readable_elf_still_tells_its_pc():
    trap = struct.pack("<II3I", 7, 12, 2, 0x80000123, 0)

    assert "illegal instruction at pc 0x80000123, in setup" in message(finished(trap, code=1))


@pytest.mark.parametrize("stack", [0, -16, 1000])
def test_a_stack_that_is_no_multiple_of_16_is_refused(stack):
    with pytest.raises(UsageError, match="target mine: a stack of"):
        SpikeTarget(name="mine", stack=stack)


@pytest.mark.parametrize(
    ("cause", "value", "words"),
    [
        (2, 0x57, "illegal instruction 0x00000057 at pc"),
        (2, 0, "illegal instruction at pc"),
        (4, 3, "misaligned load (address 0x00000003)"),
        (7, 0x9FFF_FFF0, "stack overflow (store to 0x9ffffff0, below the stack)"),
        (7, 0x8000_0000, "store to 0x80000000 in ROM"),
        (7, 0x10, "store outside of memory (address 0x00000010)"),
        (11, 0, "ecall at pc"),
        (2**63, 0, "trap 0x8000000000000000 at pc"),
    ],
)
def test_causes_in_words(cause, value, words):
    failure = traps.explain(Trap(cause, 0x80000400, value, "run 2"), lambda _: "f+0x4")

    assert words in str(failure)
    assert "in f+0x4, in run 2" in str(failure)
