"""Names an address: `conv2d_s8+0x1c (conv2d.c:41)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lines import line_at
from .reader import ABSOLUTE, FUNC, NOTYPE, OBJECT, UNDEFINED, open_elf, symbol_rows

if TYPE_CHECKING:
    from pathlib import Path


def locate(elf: Path, address: int) -> str:
    """The function or object that contains `address`, with the offset and, if known, the source
    line; empty if there is none.

    A symbol without a size (an assembly label) extends to the next symbol.
    Raises UsageError for a malformed file.
    """
    best: tuple[int, int, str] | None = None
    with open_elf(elf) as file:
        for symbol in symbol_rows(file):
            start, size = symbol.value, symbol.size
            if symbol.kind not in {FUNC, OBJECT, NOTYPE} or not symbol.name:
                continue
            if symbol.section in {UNDEFINED, ABSOLUTE} or symbol.name.startswith("$"):
                continue
            if start <= address and (address < start + size or size == 0):
                # The nearest start; at the same address, prefer a symbol with a size to a label.
                candidate = (start, int(size > 0), symbol.name)
                if best is None or candidate[:2] > best[:2]:
                    best = candidate
    if best is None:
        return ""
    offset = address - best[0]
    name = f"{best[2]}+{offset:#x}" if offset else best[2]
    line = line_at(elf, address)
    return f"{name} ({line})" if line else name
