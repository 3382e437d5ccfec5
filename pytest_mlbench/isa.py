"""RISC-V ISA strings: one type, one parser, and every spelling that a tool wants.

The grammar is that of the RISC-V manual, chapter 'ISA Extension Naming Conventions': `rv32` or
`rv64`, single letters, then names of several letters, separated by `_`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHAPE = re.compile(r"rv(32|64)([a-wy]+)((?:[xz][a-z0-9]+)?(?:_[a-z][a-z0-9]*)*)")
_ORDER = "iegmafdqcbvh"
"""The order in which single letters are written; `g` stands for `imafd`."""

_G = "imafd"
_WITH_LIBRARIES = "iemafdgc"
"""Single letters for which toolchains have libraries."""

_COUNTERS = ("zicntr", "zihpm")
"""A simulator is told of them; GCC 12 does not know them, and generated code is the same."""

_UNKNOWN = ("xpulp",)
"""Extensions of single cores: kernels that use them spell their instructions out (`.insn`)."""
_NEEDS = (("d", "f"), ("q", "d"), ("v", "d"))
"""Extension -> what it depends on: RISC-V manual, chapters 'D' and 'V' (V holds Zve64d)."""

_LENGTH = re.compile(r"zvl(\d+)b")
_LEAST_VLEN = 128
"""VLEN that V alone promises, in bits (V extension 1.0, section 2)."""


@dataclass(frozen=True)
class Isa:
    """An ISA string taken apart: `rv32gcv_zvl256b` is 32, 'gcv', ('zvl256b',)."""

    xlen: int
    letters: str
    names: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Isa:
        """Take an ISA string apart. Raises UsageError saying what is wrong with it."""
        match = _SHAPE.fullmatch(text)
        if match is None:
            raise UsageError(
                f"{text!r} is not an ISA string", remedy="Write one like rv32gc or rv32gcv_zvl256b"
            )
        letters = match[2]
        wrong = sorted(set(letters) - set(_ORDER))
        if wrong:
            raise UsageError(f"ISA {text!r}: unknown extension {wrong[0]!r}")
        if letters[0] not in "ig":
            raise UsageError(
                f"ISA {text!r}: the base has to be i (or g)",
                remedy="The start-up code needs all 32 registers",
            )
        return cls(int(match[1]), letters, tuple(name for name in match[3].split("_") if name))

    def __str__(self) -> str:
        """The string that `parse` reads as this ISA."""
        return "_".join((f"rv{self.xlen}{self.letters}", *self.names))

    def has(self, extension: str) -> bool:
        """Does it have this extension, a letter ('v') or a name ('zba')? `g` counts as imafd."""
        if len(extension) > 1:
            return extension in self.names
        return extension in self.letters.replace("g", _G)

    @property
    def lacking(self) -> tuple[str, str] | None:
        """An extension that it has without one which that depends on; None for an ISA that can be.

        >>> Isa.parse("rv32imac").with_extensions(["d"]).lacking
        ('d', 'f')
        """
        for extension, needed in _NEEDS:
            if self.has(extension) and not self.has(needed):
                return extension, needed
        return None

    @property
    def abi(self) -> str:
        """The ABI that passes floating point in the registers there are: ilp32d for rv32gc."""
        base = "ilp32" if self.xlen == 32 else "lp64"
        return base + next((letter for letter in "df" if self.has(letter)), "")

    @property
    def is_of_a_core(self) -> bool:
        """Has it extensions that a single core has, and no simulator?"""
        return any(name in _UNKNOWN for name in self.names)

    @property
    def code_model(self) -> tuple[str, ...]:
        """Compiler options for code that lies anywhere in the address space."""
        return ("-mcmodel=medany",) if self.xlen == 64 else ()

    @property
    def vlen(self) -> int:
        """VLEN in bits that it promises: its zvl<N>b, or the 128 of V alone; 0 without V."""
        if not self.has("v"):
            return 0
        return max([_LEAST_VLEN, *self._lengths])

    @property
    def _lengths(self) -> list[int]:
        found = [_LENGTH.fullmatch(name) for name in self.names]
        return [int(match[1]) for match in found if match]

    def with_extensions(self, extensions: Iterable[str]) -> Isa:
        """This ISA and `extensions` ('v', 'zba') where they are missing, in the manual's order."""
        letters, names = self.letters, set(self.names)
        for extension in extensions:
            if len(extension) > 1:
                names.add(extension)
            elif not self.has(extension) and extension not in letters:
                rank = _ORDER.find(extension)
                later = [at for at, letter in enumerate(letters) if _ORDER.find(letter) > rank]
                place = later[0] if later else len(letters)
                letters = letters[:place] + extension + letters[place:]
        return replace(self, letters=letters, names=tuple(sorted(names)))

    def with_vlen(self, bits: int) -> Isa:
        """This ISA with a vector length of `bits`.

        Raises UsageError when it names another one itself.
        """
        named = self._lengths
        if named and max(named) != bits:
            raise UsageError(
                f"ISA {str(self)!r} names the vector length {max(named)}, and {bits} is asked for",
                where="--mlbench-vlen",
                remedy=f"Leave zvl{max(named)}b out of --mlbench-isa",
            )
        return self.with_extensions([f"zvl{bits}b"])

    @property
    def compiler(self) -> Isa:
        """What C and C++ are compiled for: without vector extensions and counters."""
        no = (*_COUNTERS, *_UNKNOWN)
        kept = [n for n in self.names if n not in no and not n.startswith("zv")]
        return replace(self, letters=self.letters.replace("v", ""), names=tuple(kept))

    @property
    def assembler(self) -> Isa:
        """What assembly is assembled for: without counters and vector lengths."""
        no = (*_COUNTERS, *_UNKNOWN)
        kept = [n for n in self.names if n not in no and not n.startswith("zvl")]
        return replace(self, names=tuple(kept))

    @property
    def linker(self) -> Isa:
        """What libraries are chosen by: the letters that toolchains have libraries for."""
        kept = "".join(letter for letter in self.letters if letter in _WITH_LIBRARIES)
        return replace(self, letters=kept, names=())

    @property
    def simulator(self) -> Isa:
        """What a simulator is told: with the user-mode counters, which firmware may read."""
        if self.has("zicntr"):
            return self
        return replace(self, names=(*self.names, "zicntr"))
