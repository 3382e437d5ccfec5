"""Section sizes of an ELF file, in MLonMCU's classes.

Every section that occupies memory belongs to exactly one class. A section with an unknown name is
classified by its flags and listed in `Sections.by_flags`, so that the totals always add up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .reader import open_elf

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

ROM = ("rom_code", "rom_rodata", "rom_misc")
RAM = ("ram_data", "ram_bss")

_NAMES = (
    ("rom_code", re.compile(r"\.text.*|.*\.text")),
    ("rom_rodata", re.compile(r"\.s?rodata.*")),
    (
        "rom_misc",
        re.compile(r"\.init|\.fini|\.(preinit|init|fini)_array.*|\.eh_frame.*|\.vectors"),
    ),
    ("ram_data", re.compile(r"\.s?data.*|\.tdata.*")),
    ("ram_bss", re.compile(r"\.s?bss.*|\.noinit.*")),
)

_SHF_WRITE, _SHF_ALLOC, _SHF_EXECINSTR, _SHF_TLS = 0x1, 0x2, 0x4, 0x400


@dataclass(frozen=True)
class Section:
    """A section that occupies memory. `load` is its load address (LMA)."""

    name: str
    size: int
    address: int
    load: int
    align: int
    flags: int
    stored: bool
    """Whether its bytes are in the file, that is, it is not zero-initialised."""

    @property
    def metric(self) -> str:
        """Its class, as a metric's key."""
        return _by_name(self.name) or _by_flags(self)


@dataclass(frozen=True)
class Sections:
    """The sections that occupy memory, sorted by address."""

    rows: tuple[Section, ...]

    @property
    def by_flags(self) -> tuple[str, ...]:
        """The names of sections that were classified by their flags."""
        return tuple(row.name for row in self.rows if not _by_name(row.name))

    def sizes(self) -> dict[str, int]:
        """Metric key -> bytes: every class, both totals, the flash image."""
        totals = dict.fromkeys((*ROM, *RAM), 0)
        for row in self.rows:
            totals[row.metric] += row.size
        totals["rom_total"] = sum(totals[key] for key in ROM)
        totals["ram_total"] = sum(totals[key] for key in RAM)
        totals["flash_image"] = _image(self.rows)
        return totals


def read(elf: Path) -> Sections:
    """The sections of `elf`. Raises UsageError if it is not a well-formed ELF file."""
    with open_elf(elf) as file:
        segments = [
            segment.header for segment in file.iter_segments() if segment["p_type"] == "PT_LOAD"
        ]
        rows = [
            _section(section, segments) for section in file.iter_sections() if _occupies(section)
        ]
    return Sections(tuple(sorted(rows, key=lambda row: (row.address, row.name))))


def sizes(elf: Path) -> dict[str, int]:
    """Metric key -> bytes. Raises UsageError if `elf` is not a well-formed ELF file."""
    return read(elf).sizes()


def _occupies(section: Any) -> bool:
    """Does it occupy memory, that is, is it allocated and not empty?

    A thread's zeroed variables (.tbss) are a template that occupies no memory itself; the linker
    script reserves space for them in .bss.
    """
    flags = section["sh_flags"]
    template = bool(flags & _SHF_TLS) and section["sh_type"] == "SHT_NOBITS"
    return bool(flags & _SHF_ALLOC) and section["sh_size"] > 0 and not template


def _section(section: Any, segments: Sequence[Any]) -> Section:
    address, size = section["sh_addr"], section["sh_size"]
    load = address
    for segment in segments:
        start = segment["p_vaddr"]
        if start <= address and address + size <= start + segment["p_memsz"]:
            load = segment["p_paddr"] + address - start
            break
    return Section(
        name=section.name,
        size=size,
        address=address,
        load=load,
        align=max(section["sh_addralign"], 1),
        flags=section["sh_flags"],
        stored=section["sh_type"] != "SHT_NOBITS",
    )


def _by_name(name: str) -> str:
    return next((metric for metric, pattern in _NAMES if pattern.fullmatch(name)), "")


def _by_flags(section: Section) -> str:
    if section.flags & _SHF_EXECINSTR:
        return "rom_code"
    if not section.flags & _SHF_WRITE:
        return "rom_misc"
    return "ram_data" if section.stored else "ram_bss"


def _image(rows: Iterable[Section]) -> int:
    """Bytes written to flash: all stored sections, and the alignment padding between them."""
    total, end = 0, None
    for row in sorted((row for row in rows if row.stored), key=lambda row: (row.load, row.name)):
        if end is not None and 0 < row.load - end < row.align:
            total += row.load - end
        total += row.size
        end = row.load + row.size
    return total
