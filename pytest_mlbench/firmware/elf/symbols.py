"""Attributes every byte of every section to a symbol and a component.

Sizes come from the symbol table, components from the link map. Bytes without a symbol get separate
rows: padding between input sections, and unnamed bytes within one (string literals, literal pools,
switch tables). The rows of a section add up to its exact size.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import linkmap, sections
from .reader import (
    ABSOLUTE,
    FUNC,
    GLOBAL,
    NOTYPE,
    OBJECT,
    TLS,
    UNDEFINED,
    open_elf,
    symbol_rows,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

PADDING = "padding"
_KINDS = {FUNC, OBJECT, NOTYPE, TLS}


@dataclass(frozen=True)
class Symbol:
    """Bytes with a name. `section` is the output section, `metric` its class."""

    name: str
    component: str
    section: str
    size: int
    metric: str

    def to_dict(self) -> dict[str, str | int]:
        """The row in a record's form."""
        return {
            "name": self.name,
            "component": self.component,
            "section": self.section,
            "size": self.size,
        }


@dataclass(frozen=True)
class Named:
    """A symbol with a size."""

    start: int
    end: int
    name: str


def read(elf: Path, map_file: Path, component_of: Mapping[str, str]) -> tuple[Symbol, ...]:
    """All bytes of `elf` that occupy memory, largest symbol first.

    Raises UsageError if `elf` is not a well-formed ELF file.
    """
    rows = sections.read(elf).rows
    with open_elf(elf) as file:
        named = _named(file)
    pieces = linkmap.pieces(map_file.read_text(encoding="utf-8", errors="replace"))
    return attribute(rows, named, pieces, component_of)


def attribute(
    rows: Sequence[sections.Section],
    named: Sequence[Named],
    pieces: Sequence[linkmap.Piece],
    component_of: Mapping[str, str],
) -> tuple[Symbol, ...]:
    """Divides each section into its input sections, and these into the symbols in them."""
    sizes: dict[tuple[str, str, str, str], int] = {}

    def add(section: sections.Section, component: str, name: str, size: int) -> None:
        if size:
            key = (name, component, section.name, section.metric)
            sizes[key] = sizes.get(key, 0) + size

    for section in rows:
        position, end = section.address, section.address + section.size
        for piece in _within(pieces, section.address, end):
            start, stop = max(piece.address, position), min(piece.address + piece.size, end)
            if start >= stop:
                continue
            add(section, PADDING, f"(padding in {section.name})", start - position)
            component = piece.component(component_of)
            position = start
            for symbol in _inside(named, start, stop):
                first, last = max(symbol.start, position), min(symbol.end, stop)
                if first >= last:
                    continue
                add(section, component, _unnamed(piece), first - position)
                add(section, component, symbol.name, last - first)
                position = last
            add(section, component, _unnamed(piece), stop - position)
            position = stop
        add(section, PADDING, f"(padding in {section.name})", end - position)
    symbols = [
        Symbol(name, component, section, size, metric)
        for (name, component, section, metric), size in sizes.items()
    ]
    return tuple(sorted(symbols, key=lambda row: (-row.size, row.name, row.component, row.section)))


def components(symbols: Iterable[Symbol]) -> dict[str, dict[str, int]]:
    """Component -> bytes of ROM and RAM; they add up to Total ROM and Total RAM."""
    totals: dict[str, dict[str, int]] = {}
    for row in symbols:
        memory = "rom" if row.metric in sections.ROM else "ram"
        totals.setdefault(row.component, {"rom": 0, "ram": 0})[memory] += row.size
    return dict(sorted(totals.items()))


def _named(file: Any) -> list[Named]:
    """Symbols with a size, one per address: the largest, then global before local, then by name."""
    best: dict[int, tuple[tuple[int, bool, str], Named]] = {}
    for symbol in symbol_rows(file):
        start, size = symbol.value, symbol.size
        if symbol.kind not in _KINDS or not size or not symbol.name:
            continue
        if symbol.section in {UNDEFINED, ABSOLUTE}:
            continue
        rank = (-size, symbol.binding != GLOBAL, symbol.name)
        if start not in best or rank < best[start][0]:
            best[start] = (rank, Named(start, start + size, symbol.name))
    return [best[start][1] for start in sorted(best)]


def _within(pieces: Sequence[linkmap.Piece], start: int, end: int) -> Sequence[linkmap.Piece]:
    """The input sections that begin from `start` to `end`; `pieces` are sorted by address."""
    return pieces[_first(pieces, start) : _first(pieces, end)]


def _first(pieces: Sequence[linkmap.Piece], address: int) -> int:
    return bisect.bisect_left(pieces, address, key=lambda piece: piece.address)


def _inside(named: Sequence[Named], start: int, end: int) -> Sequence[Named]:
    """The symbols that begin from `start` to `end`; `named` are sorted by start."""
    return named[
        bisect.bisect_left(named, start, key=lambda symbol: symbol.start) : bisect.bisect_left(
            named, end, key=lambda symbol: symbol.start
        )
    ]


def _unnamed(piece: linkmap.Piece) -> str:
    return f"({piece.name} of {piece.object})"
