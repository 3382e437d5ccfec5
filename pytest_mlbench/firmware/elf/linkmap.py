"""Parses a linker's map file: the address of each input section of each object. Pure.

GNU ld and LLVM's lld use different formats, which differ in the first line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_START = "Linker script and memory map"
_PIECE = re.compile(
    r"^ (?P<name>\S+)(?:\n {16}|[ ]+)"
    r"0x(?P<address>[0-9a-f]+) +0x(?P<size>[0-9a-f]+) (?P<file>\S.*)$",
    re.MULTILINE,
)
_LLD = re.compile(r"^ +VMA +LMA +Size Align Out +In +Symbol$", re.MULTILINE)
_LLD_PIECE = re.compile(
    r"^ *(?P<address>[0-9a-f]+) +[0-9a-f]+ +(?P<size>[0-9a-f]+) +\d+ {9}(?P<file>\S.*):"
    r"\((?P<name>[^()]+)\)$",
    re.MULTILINE,
)
_MEMBER = re.compile(r"(?P<archive>.+)\((?P<object>[^()]+)\)")

LIBC = {"libc.a", "libm.a", "libg.a", "libc_nano.a", "libm_nano.a", "libg_nano.a"}


@dataclass(frozen=True)
class Piece:
    """An input section as the linker placed it. `archive` is empty for a lone object file."""

    name: str
    address: int
    size: int
    archive: str
    object: str

    def component(self, component_of: Mapping[str, str]) -> str:
        """The component, by archive or object name; libc and libgcc are components of their own."""
        for name in (self.archive, self.object):
            if name in component_of:
                return component_of[name]
        if self.archive in LIBC:
            return "libc"
        if self.object == "<internal>":
            return "linker"  # strings and constants that the linker merged from several objects
        return self.archive.removesuffix(".a") or self.object


def pieces(text: str) -> tuple[Piece, ...]:
    """The input sections that have a size and an address, sorted by address."""
    return tuple(sorted(_pieces(text), key=lambda piece: (piece.address, piece.name)))


def _pieces(text: str) -> Iterator[Piece]:
    body = text[max(text.find(_START), 0) :]
    for match in (_LLD_PIECE if _LLD.match(text) else _PIECE).finditer(body):
        size, address = int(match["size"], 16), int(match["address"], 16)
        if size == 0 or address == 0 or match["name"].startswith("*"):
            continue
        member = _MEMBER.fullmatch(match["file"])
        archive = PurePath(member["archive"]).name if member else ""
        name = member["object"] if member else PurePath(match["file"]).name
        yield Piece(match["name"], address, size, archive, name)
