"""What a core is, as data: where its RTL comes from, how firmware starts on it, how fast it is."""

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
"""In a core's folder: its list of RTL files, and the module that connects it to the bench."""

_IMPLIED = frozenset({"zicsr", "zifencei", "zicntr", "zihpm", "zmmul"})
"""Names that an ISA string may spell out; what a core lacks of them no compiler makes use of."""


@dataclass(frozen=True)
class Description:
    """What a person should know who reads the core's cycles. Shown by the documentation."""

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
    package       the pinned wheel that brings the RTL (a name in pins.toml)
    root          where the file list's names begin in that wheel
    rtl_sha256    the digest of the RTL (see `rtl.digest`); another RTL is refused
    isa           all that it executes; the default ISA of firmware
    parameters    of the wrapper
    optional      parameters that each optional extension takes beside them: name -> parameters
    verilog       further options for Verilator: `-DNAME`
    start_up      defines for the start-up code: what this core does differently
    rom, ram      where memory begins; 512 MiB each
    traps_access  whether an access outside of memory is a trap of the core's own
    events        metric that each event counter from mhpmcounter3 on counts, '' for one not shown
    own_counts    by how many instructions the core's counter may exceed Spike's in one region
    speed         simulated cycles per second of the model, for estimates
    cpi           cycles per instruction to expect, for estimates
    """

    name: str
    folder: Path
    package: str
    root: str
    rtl_sha256: str
    isa: str
    description: Description
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
        """Raises UsageError when the core cannot execute all of `isa`."""
        wanted, has = Isa.parse(isa), Isa.parse(self.isa)
        lacking = [letter for letter in wanted.letters.replace("g", "imafd") if not has.has(letter)]
        known = {*_IMPLIED, *self.optional}
        lacking += [n for n in wanted.names if n not in known and not has.has(n)]
        if wanted.xlen != has.xlen:
            lacking = [f"{wanted.xlen} bits"]
        if lacking:
            raise UsageError(
                f"the core {self.name} has {self.isa}, and {isa} is asked for: it lacks "
                f"{', '.join(dict.fromkeys(lacking))}",
                where=f"target {self.name}",
                remedy=f"Leave --mlbench-isa out, or write --mlbench-isa {self.isa}",
            )

    def with_extensions(self, isa: str) -> Core:
        """The core with the optional extensions that `isa` names."""
        chosen = [self.optional[name] for name in Isa.parse(isa).names if name in self.optional]
        merged = {key: value for row in (self.parameters, *chosen) for key, value in row.items()}
        return replace(self, parameters=MappingProxyType(merged))

    def own_extensions(self, isa: str) -> bool:
        """Has `isa` extensions that no other machine here has?"""
        return any(name in self.optional for name in Isa.parse(isa).names)


@dataclass(frozen=True)
class FileList:
    """The RTL files of a core and the folders that it includes from, relative to its root."""

    sources: tuple[PurePosixPath, ...]
    include: tuple[PurePosixPath, ...]


def read_file_list(text: str) -> FileList:
    """A file list as Verilator takes it: a file or `+incdir+FOLDER` in each line, `//` comments."""
    lines = [line.split("//")[0].strip() for line in text.splitlines()]
    folders = [line.removeprefix("+incdir+") for line in lines if line.startswith("+incdir+")]
    files = [line for line in lines if line and not line.startswith("+")]
    return FileList(tuple(map(PurePosixPath, files)), tuple(map(PurePosixPath, folders)))
