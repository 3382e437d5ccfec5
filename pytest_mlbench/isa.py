"""RISC-V ISA strings: one type, one parser, and the form that each tool expects.

The grammar follows the RISC-V manual, chapter 'ISA Extension Naming Conventions': `rv32` or
`rv64`, then single letters, then multi-letter names separated by `_`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHAPE = re.compile(r"rv(32|64)([a-wy]+)((?:[xz][a-z0-9]+)?(?:_[a-z][a-z0-9]*)*)")
_ORDER = "iegmafdqcbvh"
"""The canonical order of single letters; `g` stands for `imafd`."""

_G = "imafd"
_WITH_LIBRARIES = "iemafdgc"
"""Single letters for which toolchains ship separate libraries (multilibs)."""

_COUNTERS = ("zicntr", "zihpm")
"""Passed to simulators only: GCC 12 does not know them, and they do not change generated code."""

_UNKNOWN = ("xpulp",)
"""Extensions of single cores. Kernels encode these instructions themselves (`.insn`)."""
_NEEDS = (("d", "f"), ("q", "d"), ("v", "d"))
"""Extension -> the one it depends on: RISC-V manual, chapters 'D' and 'V' (V includes Zve64d)."""

_LENGTH = re.compile(r"zvl(\d+)b")
_LEAST_VLEN = 128
"""The minimum VLEN in bits that V guarantees (V extension 1.0, section 2)."""


@dataclass(frozen=True)
class Isa:
    """A parsed ISA string: `rv32gcv_zvl256b` is 32, 'gcv', ('zvl256b',)."""

    xlen: int
    letters: str
    names: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Isa:
        """Parses an ISA string. Raises UsageError if it is not valid."""
        return _parsed(text)

    def __str__(self) -> str:
        """The ISA string; `parse` is the inverse."""
        return "_".join((f"rv{self.xlen}{self.letters}", *self.names))

    def has(self, extension: str) -> bool:
        """Does it have this extension, a letter ('v') or a name ('zba')? `g` includes imafd."""
        if len(extension) > 1:
            return extension in self.names
        return extension in self.letters.replace("g", _G)

    @property
    def lacking(self) -> tuple[str, str] | None:
        """(extension, missing dependency), or None if every dependency is met.

        >>> Isa.parse("rv32imac").with_extensions(["d"]).lacking
        ('d', 'f')
        """
        for extension, needed in _NEEDS:
            if self.has(extension) and not self.has(needed):
                return extension, needed
        return None

    @property
    def abi(self) -> str:
        """The ABI for its floating-point registers: ilp32d for rv32gc."""
        base = "ilp32" if self.xlen == 32 else "lp64"
        return base + next((letter for letter in "df" if self.has(letter)), "")

    @property
    def is_of_a_core(self) -> bool:
        """Does it have extensions that only single cores have, and no ISA simulator?"""
        return any(name in _UNKNOWN for name in self.names)

    @property
    def code_model(self) -> tuple[str, ...]:
        """Compiler options for code that may be placed anywhere in the address space."""
        return ("-mcmodel=medany",) if self.xlen == 64 else ()

    @property
    def vlen(self) -> int:
        """The guaranteed VLEN in bits: N of zvl<N>b, or 128 for plain V; 0 without V."""
        if not self.has("v"):
            return 0
        return max([_LEAST_VLEN, *self._lengths])

    @property
    def _lengths(self) -> list[int]:
        found = [_LENGTH.fullmatch(name) for name in self.names]
        return [int(match[1]) for match in found if match]

    def with_extensions(self, extensions: Iterable[str]) -> Isa:
        """This ISA with any missing `extensions` ('v', 'zba') added, in the manual's order."""
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

        Raises UsageError if it already names another one.
        """
        named = self._lengths
        if named and max(named) != bits:
            raise UsageError(
                f"ISA {str(self)!r} names the vector length {max(named)}, but {bits} is chosen",
                where="--mlbench-vlen",
                remedy=f"Leave zvl{max(named)}b out of --mlbench-isa",
            )
        return self.with_extensions([f"zvl{bits}b"])

    @property
    def compiler(self) -> Isa:
        """The ISA for compiling C and C++: without vector extensions and counters."""
        no = (*_COUNTERS, *_UNKNOWN)
        kept = [n for n in self.names if n not in no and not n.startswith("zv")]
        return replace(self, letters=self.letters.replace("v", ""), names=tuple(kept))

    @property
    def assembler(self) -> Isa:
        """The ISA for assembly: without counters and vector lengths."""
        no = (*_COUNTERS, *_UNKNOWN)
        kept = [n for n in self.names if n not in no and not n.startswith("zvl")]
        return replace(self, names=tuple(kept))

    @property
    def linker(self) -> Isa:
        """The ISA for choosing libraries: only the letters that multilibs differ in."""
        kept = "".join(letter for letter in self.letters if letter in _WITH_LIBRARIES)
        return replace(self, letters=kept, names=())

    @property
    def simulator(self) -> Isa:
        """The ISA for a simulator: with the user-mode counters, which firmware may read."""
        if self.has("zicntr"):
            return self
        return replace(self, names=(*self.names, "zicntr"))


@lru_cache(maxsize=256)
def _parsed(text: str) -> Isa:
    """Choosing kernels asks thousands of times for each model."""
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
            f"ISA {text!r}: the base must be i (or g)",
            remedy="The start-up code needs all 32 registers",
        )
    return Isa(int(match[1]), letters, tuple(name for name in match[3].split("_") if name))
