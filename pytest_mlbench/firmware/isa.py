"""RISC-V ISA strings: the ABI, the code model and the simulator's spelling. Pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pytest_mlbench.errors import UserMistake

_SHAPE = re.compile(r"rv(32|64)([a-z]+)((?:_[a-z][a-z0-9]*)*)")
_SINGLE = "iemafdqcbvh"


@dataclass(frozen=True)
class Isa:
    """An ISA string taken apart: `rv32gcv_zvl256b` is 32, 'imafdcv', ('zvl256b',)."""

    xlen: int
    letters: str
    names: tuple[str, ...]

    def has(self, extension: str) -> bool:
        """Whether the string names this extension, a letter or a name."""
        return extension in (self.letters if len(extension) == 1 else self.names)

    @property
    def abi(self) -> str:
        """The ABI that passes floating point in the registers there are."""
        base = "ilp32" if self.xlen == 32 else "lp64"
        return base + next((letter for letter in "df" if letter in self.letters), "")


def parse(text: str) -> Isa:
    """Take an ISA string apart. Raises UserMistake saying what is wrong with it."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise UserMistake(
            f"{text!r} is not an ISA string", remedy="Write one like rv32gc or rv32gcv_zvl256b"
        )
    letters = match[2].replace("g", "imafd")
    wrong = sorted(set(letters) - set(_SINGLE))
    if wrong:
        raise UserMistake(f"ISA {text!r}: unknown extension {wrong[0]!r}")
    if letters[0] != "i":
        raise UserMistake(
            f"ISA {text!r}: the base has to be i (or g)",
            remedy="The start-up code needs all 32 registers",
        )
    names = tuple(name for name in match[3].split("_") if name)
    return Isa(int(match[1]), "".join(dict.fromkeys(letters)), names)


def abi(text: str) -> str:
    """The ABI for an ISA string: ilp32d for rv32gc, lp64 for rv64imac."""
    return parse(text).abi


def simulator_isa(text: str) -> str:
    """The ISA string for Spike: with the user-mode counters, which firmware may read."""
    isa = parse(text)
    return text if isa.has("zicntr") else "_".join((*text.split("_", 1)[:1], *isa.names, "zicntr"))


def code_model(text: str) -> tuple[str, ...]:
    """Options for code that lies anywhere in the address space."""
    return ("-mcmodel=medany",) if parse(text).xlen == 64 else ()
