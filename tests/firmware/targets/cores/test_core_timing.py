"""Instructions take the cycles that each core's manual says.

Straight-line code with 64 and with 128 repetitions is measured by the core's own cycle counter; a
64th of the difference is what one repetition takes. Each block runs twice without leaving it, the
second time with warm caches.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import pytest
from bare_metal import firmware
from cores import core_target, run

from pytest_mlbench.errors import Unavailable
from pytest_mlbench.firmware.components import Component
from pytest_mlbench.firmware.targets.spike.target import SpikeTarget

pytestmark = pytest.mark.spike


@dataclass(frozen=True)
class Block:
    """Instructions to repeat. a1 is a word's address, a2 = 7, a3 = 3, a4 = 0x80000000, a5 = 0."""

    body: str


BLOCKS = {
    "add": Block("add a0, a2, a3"),
    "shift": Block("sll a0, a2, a3"),
    "mul": Block("mul a0, a2, a3"),
    "mulh": Block("mulh a0, a2, a3"),
    "divide by 0x80000000": Block("divu a0, a2, a4"),
    "divide by 3": Block("divu a0, a4, a3"),
    "divide by 0": Block("divu a0, a2, a5"),
    "branch taken": Block("beq zero, zero, 1f\n1:"),
    "branch not taken": Block("bne zero, zero, 1f\n1:"),
    "jump": Block("j 1f\n1:"),
    "load, not used": Block("lw a0, 0(a1)\nadd a6, a2, a3"),
    "load, used at once": Block("lw a0, 0(a1)\nadd a6, a0, a3"),
    "store": Block("sw a2, 0(a1)"),
    "misaligned load": Block("lw a0, 1(a1)"),
}

IBEX = {
    "add": 1,
    "shift": 1,
    "divide by 3": 37,
    "divide by 0": 2,
    "branch not taken": 1,
    "jump": 2,
}

# What the manuals say, in cycles. CV32E40P: user manual, "Cycle counts per instruction type".
# Ibex: documentation, "Multi- and Single-Cycle Instructions" (one more than the stall cycles) and
# "Multiplier/Divider Block"; the stage that `maxperf` adds is not documented there: it takes the
# stall from loads and stores. PicoRV32: README, "Cycles per Instruction Performance"; its fast
# multiplier is not in that table. VexRiscv: README, "single cycle multiplication", a division
# "always takes 34 cycles", a branch that was predicted wrongly costs 2 to 4 more (here 3), and
# loaded data is there in the last stage. Misaligned accesses trap on VexRiscv and stop PicoRV32.
MANUALS = {
    "cv32e40p": {
        "add": 1,
        "shift": 1,
        "mul": 1,
        "mulh": 5,
        "divide by 0x80000000": 3,
        "divide by 0": 35,
        "branch taken": 3,
        "branch not taken": 1,
        "jump": 2,
        "load, not used": 2,
        "load, used at once": 3,
        "store": 1,
        "misaligned load": 2,
    },
    "ibex": {
        **IBEX,
        "mul": 1,
        "mulh": 2,
        "branch taken": 2,
        "load, not used": 2,
        "load, used at once": 3,
        "store": 1,
        "misaligned load": 2,
    },
    "ibex-small": {
        **IBEX,
        "mul": 3,
        "mulh": 4,
        "branch taken": 3,
        "load, not used": 3,
        "load, used at once": 3,
        "store": 2,
        "misaligned load": 3,
    },
    "picorv32": {
        "add": 3,
        "shift": 3,
        "mul": 6,
        "divide by 3": 40,
        "branch taken": 5,
        "branch not taken": 3,
        "jump": 3,
        "load, used at once": 5 + 3,
        "store": 5,
    },
    "vexriscv": {
        "add": 1,
        "shift": 1,
        "mul": 1,
        "divide by 3": 34,
        "branch taken": 4,
        "branch not taken": 1,
        "load, not used": 2,
        "load, used at once": 4,
    },
}


def assembly(names, counter):
    """The blocks, numbered, in a function each that returns the cycles."""
    lines = [".option arch, +zicsr", ".option norvc", ".text"]
    number = 0
    for name in names:
        for times in (64, 128):
            lines += [
                ".balign 64",
                f".globl block_{number}",
                f"block_{number}:",
                "la a1, word",
                "li a2, 7",
                "li a3, 3",
                "li a4, 0x80000000",
                "li a5, 0",
                "li a7, 2",
                "9:",
                f"csrr t0, {counter}",
                f".rept {times}",
                BLOCKS[name].body,
                ".endr",
                f"csrr t1, {counter}",
                "addi a7, a7, -1",
                "bnez a7, 9b",
                "sub a0, t1, t0",
                "ret",
            ]
            number += 1
    lines += [".bss", ".balign 8", "word: .zero 8", ""]
    return "\n".join(lines)


def source(count):
    calls = "\n".join(f"  times[{n}] = block_{n}();" for n in range(count))
    declared = "\n".join(f"uint32_t block_{n}(void);" for n in range(count))
    return f"""\
#include "mlbench_firmware.h"

{declared}
static uint8_t in[4];
static uint32_t times[{count}];
struct mlbench_buffer mlbench_inputs[] = {{{{in, sizeof in}}}};
struct mlbench_buffer mlbench_outputs[] = {{{{times, sizeof times}}}};
const uint32_t mlbench_input_count = 1;
const uint32_t mlbench_output_count = 1;

int32_t mlbench_setup(void) {{ return 0; }}
int32_t mlbench_invoke(void) {{
{calls}
  return 0;
}}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


def measured(name, blocks, home, monkeypatch):
    """Cycles of each block on this core."""

    def no_spike(*_, **__):
        raise Unavailable("its cycles are others")

    monkeypatch.setattr(SpikeTarget, "run", no_spike)
    target = core_target(name)
    counter = "cycle" if name == "picorv32" else "mcycle"
    count = 2 * len(blocks)
    texts = {"model.c": source(count), "blocks.S": assembly(blocks, counter)}
    built = firmware((Component("model", texts=texts),), home, isa=target.isa, target=target)
    report = run(target, built, outputs=(4 * count,))
    cycles = struct.unpack(f"<{count}I", report.outputs[0][0])
    pairs = zip(cycles[::2], cycles[1::2], strict=True)
    return {block: (long - short) / 64 for block, (short, long) in zip(blocks, pairs, strict=True)}


@pytest.mark.parametrize("name", MANUALS)
def test_instructions_take_the_cycles_of_the_manual(home, name, monkeypatch):
    expected = MANUALS[name]

    assert measured(name, list(expected), home, monkeypatch) == expected
