"""ISA strings ('rv32gcv_zicntr_zvl128b') as compilers, assemblers and linkers want them."""

from __future__ import annotations

import re

from pytest_mlbench.errors import UserMistake

_PLAIN = "iemafdgc"
"""Single letters for which toolchains have libraries."""

_SIMULATED = ("zicntr", "zihpm")
"""Counters: part of what a simulator is told, unknown to GCC 12, no matter to code."""


def parse(isa: str) -> tuple[str, str, tuple[str, ...]]:
    """The width ('rv32'), the single letters and the named extensions of `isa`.

    Raises UserMistake when it is not an ISA string.
    """
    match = re.fullmatch(
        r"(rv32|rv64)([ieg][a-wy]*?)((?:_?(?:z|x|s)[a-z0-9]+)?(?:_[a-z0-9]+)*)", isa
    )
    if match is None:
        raise UserMistake(
            f"{isa!r} is not an ISA string", remedy="Write it as in rv32gc or rv32imac_zba"
        )
    return match[1], match[2], tuple(name for name in match[3].split("_") if name)


def scalar(isa: str) -> str:
    """`isa` without vector extensions and counters: what C and C++ are compiled for."""
    width, letters, names = parse(isa)
    kept = [name for name in names if name not in _SIMULATED and not name.startswith("zv")]
    return "_".join([width + letters.replace("v", ""), *kept])


def assembler(isa: str) -> str:
    """`isa` without counters: what assembly is assembled for."""
    width, letters, names = parse(isa)
    kept = [name for name in names if name not in _SIMULATED and not name.startswith("zvl")]
    return "_".join([width + letters, *kept])


def base(isa: str) -> str:
    """The single letters that libraries are built for: what the link is done with."""
    width, letters, _ = parse(isa)
    return width + "".join(letter for letter in letters if letter in _PLAIN)
