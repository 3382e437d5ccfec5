"""The description of a core: where its RTL comes from, how firmware starts on it, its speed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING

from pytest_mlbench.errors import UsageError
from pytest_mlbench.isa import Isa

if TYPE_CHECKING:
    from collections.abc import Mapping

FILES, WRAPPER = "files.f", "wrapper.sv"
"""Files in a core's folder: its list of RTL files, and the module that connects it to the bench."""

_IMPLIED = frozenset({"zicsr", "zifencei", "zicntr", "zihpm", "zmmul"})
"""Extensions that an ISA string may name although the core lacks them: compilers never use them."""


@dataclass(frozen=True)
class Description:
    """What one needs to know to interpret the core's cycles. The documentation shows it."""

    pipeline: str
    multiplier: str
    caches: str
    memory: str
    licence: str


@dataclass(frozen=True)
class Core:
    """A core in one configuration.

    name          the target's name
    folder        the folder with `files.f` and `wrapper.sv`
    package       the pinned wheel that brings the RTL (a name in pins.toml); if `rtl` is given,
                  what records call the RTL
    root          the folder in that wheel to which the file list's names are relative
    rtl_sha256    the digest of the RTL; any other RTL is refused with a message that gives its
                  digest
    isa           the complete ISA of the core, and the default ISA of firmware
    description   what the documentation shows of it
    rtl           a folder with the RTL, in place of a pinned wheel; `root` is relative to it
    parameters    the wrapper's parameters
    optional      optional extension -> the additional parameters that enable it
    verilog       further options for Verilator, like `-DNAME`
    start_up      defines that adapt the start-up code to this core
    rom, ram      addresses where memory begins; 512 MiB each
    traps_access  whether the core traps an access outside of memory itself
    events        the metric of each event counter, from mhpmcounter3 on; '' for one not shown
    own_counts    how many more instructions than Spike the core may count in one region
    speed         simulated cycles per second of the model, for estimates
    cpi           expected cycles per instruction, for estimates
    """

    name: str
    folder: Path
    package: str
    root: str
    rtl_sha256: str
    isa: str
    description: Description
    rtl: Path | None = None
    parameters: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    optional: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: MappingProxyType({}))
    verilog: tuple[str, ...] = ()
    start_up: tuple[str, ...] = ()
    rom: int = 0x8000_0000
    ram: int = 0xA000_0000
    traps_access: bool = False
    events: tuple[str, ...] = ()
    own_counts: int = 0
    speed: float = 2e6
    cpi: float = 1.3

    def check(self, isa: str) -> None:
        """Raises UsageError if the core cannot execute all of `isa`."""
        wanted, has = Isa.parse(isa), Isa.parse(self.isa)
        lacking = [letter for letter in wanted.letters.replace("g", "imafd") if not has.has(letter)]
        known = {*_IMPLIED, *self.optional}
        lacking += [n for n in wanted.names if n not in known and not has.has(n)]
        if wanted.xlen != has.xlen:
            lacking = [f"{wanted.xlen} bits"]
        remedy = f"Leave --mlbench-isa out, or write --mlbench-isa {self.isa}"
        if any(len(name) > 1 and name in wanted.names for name in lacking):
            remedy = "Leave out --mlbench-isa, or the feature that needs it"
        if lacking:
            raise UsageError(
                f"the core {self.name} has {self.isa}, and {isa} is asked for: it lacks "
                f"{', '.join(dict.fromkeys(lacking))}",
                where=f"target {self.name}",
                remedy=remedy,
            )

    def with_extensions(self, isa: str) -> Core:
        """The core with those optional extensions enabled that `isa` names."""
        chosen = [self.optional[name] for name in Isa.parse(isa).names if name in self.optional]
        merged = {key: value for row in (self.parameters, *chosen) for key, value in row.items()}
        return replace(self, parameters=MappingProxyType(merged))

    def own_extensions(self, isa: str) -> bool:
        """Does `isa` have extensions that no other target has?"""
        return any(name in self.optional for name in Isa.parse(isa).names)


@dataclass(frozen=True)
class FileList:
    """The RTL files and include folders of a core, relative to its root."""

    sources: tuple[PurePosixPath, ...]
    include: tuple[PurePosixPath, ...]


def read_file_list(text: str) -> FileList:
    """Parses a file list for Verilator: each line is a file, `+incdir+FOLDER` or a `//` comment."""
    lines = [line.split("//")[0].strip() for line in text.splitlines()]
    folders = [line.removeprefix("+incdir+") for line in lines if line.startswith("+incdir+")]
    files = [line for line in lines if line and not line.startswith("+")]
    return FileList(tuple(map(PurePosixPath, files)), tuple(map(PurePosixPath, folders)))
