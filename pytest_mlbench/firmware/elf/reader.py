"""Opens ELF files and turns any malformed file into one clear error."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING, Any

from pytest_mlbench.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MALFORMED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
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
