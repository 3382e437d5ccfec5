"""Adding extensions to an ISA string, in one order whoever asks.

Single letters go where the RISC-V manual's chapter 'ISA Extension Naming Conventions' wants them;
names of several letters follow, each behind `_`, sorted. What a string means is `firmware.isa`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .firmware.isa import parse

if TYPE_CHECKING:
    from collections.abc import Iterable

_ORDER = "iegmafdqcbvh"


def with_extensions(isa: str, extensions: Iterable[str]) -> str:
    """`isa` with `extensions` ('v', 'zvl256b') added where they are missing.

    Raises UserMistake when `isa` is not an ISA string.
    """
    has = parse(isa)
    base, *names = isa.split("_")
    head, letters = base[:5], base[5:]  # rv32 and the base, i or g
    longer = set(names)
    for extension in extensions:
        if len(extension) > 1:
            longer.add(extension)
        elif not has.has(extension) and extension not in letters:
            rank = _ORDER.find(extension)
            place = next(
                (at for at, letter in enumerate(letters) if _ORDER.find(letter) > rank),
                len(letters),
            )
            letters = letters[:place] + extension + letters[place:]
    return "_".join((head + letters, *sorted(longer)))


def has_vectors(isa: str) -> bool:
    """Does `isa` have the V extension?"""
    return parse(isa).has("v")
