"""Names an address: `conv2d_s8+0x1c (conv2d.c:41)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lines import line_at
from .reader import open_elf

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
        table = file.get_section_by_name(".symtab")
        for symbol in table.iter_symbols() if table is not None else ():
            kind = symbol["st_info"]["type"]
            start, size = symbol["st_value"], symbol["st_size"]
            if kind not in {"STT_FUNC", "STT_OBJECT", "STT_NOTYPE"} or not symbol.name:
                continue
            if symbol["st_shndx"] in {"SHN_UNDEF", "SHN_ABS"} or symbol.name.startswith("$"):
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
