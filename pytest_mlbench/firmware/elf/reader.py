"""Opens ELF files and turns any malformed file into one clear error."""

from __future__ import annotations

import contextlib
import io
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_mlbench.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOTYPE, OBJECT, FUNC, TLS = 0, 1, 2, 6
"""Types of symbols (ELF specification, "Symbol Table": STT_...)."""

GLOBAL = 1
"""A symbol's binding, STB_GLOBAL."""

UNDEFINED, RESERVED, ABSOLUTE = 0, 0xFF00, 0xFFF1
"""Indices of no section: SHN_UNDEF, SHN_LORESERVE and above it, SHN_ABS."""

_MALFORMED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)
"""What pyelftools raises, besides its own errors, on files whose offsets, counts or strings are
wrong."""


@contextlib.contextmanager
def open_elf(path: Path) -> Iterator[Any]:
    """The file as a pyelftools `ELFFile`, read once. Raises UsageError if it is not ELF."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path)) from error
    # Imported late: every run that collects a case imports this module, but few read an ELF file.
    from elftools.common.exceptions import DWARFError, ELFError
    from elftools.construct import ConstructError
    from elftools.elf.elffile import ELFFile

    try:
        yield ELFFile(io.BytesIO(data))
    except (ELFError, DWARFError, ConstructError, *_MALFORMED) as error:
        detail = str(error) or type(error).__name__
        raise UsageError(f"not a well-formed ELF file: {detail}", where=str(path)) from error


class SymbolRow(NamedTuple):
    """A row of the symbol table; `section` is the index of its section."""

    name: str
    value: int
    size: int
    kind: int
    binding: int
    section: int


def symbol_rows(file: Any) -> list[SymbolRow]:
    """The symbol table of an open file, empty if it has none. pyelftools takes ten times as long,
    and every case is asked for its symbols."""
    table = file.get_section_by_name(".symtab")
    if table is None:
        return []
    order = "<" if file.little_endian else ">"
    wide = file.elfclass == 64
    form = struct.Struct(f"{order}IBBHQQ" if wide else f"{order}IIIBBH")
    data, names = table.data(), table.stringtable.data()
    found = []
    for row in form.iter_unpack(data[: len(data) // form.size * form.size]):
        if wide:
            start, info, _, section, value, size = row
        else:
            start, value, size, info, _, section = row
        name = names[start : names.index(b"\0", start)].decode("utf-8", "replace")
        found.append(SymbolRow(name, value, size, info & 15, info >> 4, section))
    return found
