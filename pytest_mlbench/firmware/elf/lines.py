"""Maps an address to a source line with the ELF file's debug information (DWARF 5, section 6.2).

Debug information is in sections that are not loaded: it changes neither code nor data nor cycles.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from .reader import open_elf

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def line_at(elf: Path, address: int) -> str:
    """The source line of the instruction at `address`, as `conv2d.c:41`; empty if not known.

    Raises UsageError for a malformed file.
    """
    with open_elf(elf) as file:
        if not file.has_dwarf_info():
            return ""
        dwarf = file.get_dwarf_info()
        for unit in _units(dwarf, address):
            program = dwarf.line_program_for_CU(unit)
            if program is None:
                continue
            for first, last, state in _ranges(program):
                if first <= address < last:
                    name = _file(program, state.file)
                    return f"{name}:{state.line}" if name and state.line else ""
    return ""


def _units(dwarf: Any, address: int) -> Iterator[Any]:
    """The compilation units, first the one that has `address` by .debug_aranges: to decode all of
    a framework takes a while, and GCC writes that table."""
    table = dwarf.get_aranges()
    offset = table.cu_offset_at_addr(address) if table is not None else None
    if offset is not None:
        yield dwarf.get_CU_at(offset)
    yield from dwarf.iter_CUs()


def _ranges(program: Any) -> Iterator[tuple[int, int, Any]]:
    """The address ranges of source lines: (first address, end address, line state)."""
    before = None
    for entry in program.get_entries():
        state = entry.state
        if state is None:
            continue
        # Ranges at address 0 belong to code that the linker dropped.
        if before is not None and 0 < before.address < state.address:
            yield before.address, state.address, before
        before = None if state.end_sequence else state


def _file(program: Any, number: int) -> str:
    """A file's name without its folder. DWARF 5 counts files from 0, earlier versions from 1."""
    files = program.header["file_entry"]
    index = number if program.header["version"] >= 5 else number - 1
    if not 0 <= index < len(files):
        return ""
    return PurePosixPath(files[index].name.decode("utf-8", "replace")).name
