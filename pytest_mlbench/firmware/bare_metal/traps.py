"""Explains a trap: what happened, and at which instruction. Pure except for the symbol's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.errors import SimulationFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from .wire import Trap

CAUSES = {
    0: "misaligned jump",
    1: "jump outside of memory",
    2: "illegal instruction",
    3: "breakpoint",
    4: "misaligned load",
    5: "load outside of memory",
    6: "misaligned store",
    7: "store outside of memory",
    8: "ecall",
    9: "ecall",
    11: "ecall",
    12: "instruction page fault",
    13: "load page fault",
    15: "store page fault",
}
"""Exception codes of mcause: RISC-V Privileged Architecture, table 'Machine cause register'."""


class Trapped(SimulationFailed):
    """The firmware trapped; `during` is 'setup' or 'run 1' and so on."""

    def __init__(self, what: str, *, where: str = "", remedy: str = "", during: str = "") -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.during = during


_STORE_ACCESS = 7
_ILLEGAL = 2
_WITH_ADDRESS = {0, 1, 4, 5, 6, 7, 12, 13, 15}
_ROM = range(0x8000_0000, 0xA000_0000)
_STACK_REACH = 1 << 20
"""A store at most this many bytes below the stack's end is reported as a stack overflow."""


def explain(trap: Trap, locate: Callable[[int], str]) -> Trapped:
    """The error to report; `locate` names the function at an address, or returns ''."""
    name = locate(trap.pc)
    at = f"at pc {trap.pc:#010x}" + (f" in {name}" if name else "")
    what, remedy = _what(trap), ""
    if trap.cause == _STORE_ACCESS and trap.value in _ROM:
        if _ROM.stop - trap.value <= _STACK_REACH:
            what = f"stack overflow (store to {trap.value:#010x}, below the stack)"
            remedy = "Register a target with more stack: SpikeTarget(name='big-stack', stack=BYTES)"
        else:
            what = f"store to {trap.value:#010x} in ROM"
    elif trap.cause == _ILLEGAL:
        remedy = "Check that the code is built for the simulated ISA"
    return Trapped(f"{what} {at}, in {trap.during}", remedy=remedy, during=trap.during)


def _what(trap: Trap) -> str:
    what = CAUSES.get(trap.cause, f"trap {trap.cause:#x}")
    if trap.cause in _WITH_ADDRESS:
        return f"{what} (address {trap.value:#010x})"
    if trap.cause == _ILLEGAL and trap.value:
        return f"{what} {trap.value:#010x}"
    return what
