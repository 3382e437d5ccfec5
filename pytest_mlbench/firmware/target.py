"""What a target is: what firmware is built for, and what a run on it reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from .parts import Part


@runtime_checkable
class Target(Protocol):
    """Something that firmware is built for and run on.

    Three attributes may be left out: `default`, true for the target that is meant where none is
    named, `configured(options)`, the target with the settings of its own options (option name ->
    value; raises UserMistake), and `simulator()`, the program that runs the firmware, which
    `doctor` shows (raises UserMistake or CannotRun).
    """

    @property
    def name(self) -> str:
        """The name for `--mlbench-target`."""
        ...

    @property
    def isa(self) -> str:
        """Its default ISA."""
        ...

    @property
    def abi(self) -> str:
        """The ABI of that ISA."""
        ...

    def parts(self, isa: str) -> tuple[Part, ...]:
        """Start-up code, traps, input and output."""
        ...

    def link_options(self, isa: str) -> tuple[str, ...]:
        """Options for the link, the linker script among them."""
        ...

    def run(
        self,
        elf: Path,
        samples: Iterable[bytes],
        *,
        isa: str,
        outputs: tuple[int, ...],
        timeout: float,
    ) -> Simulation:
        """Run `elf` on `samples`; `outputs` are the byte sizes of the model's outputs."""
        ...

    def version(self) -> str:
        """The identity of what runs the firmware, for the record."""
        ...


@dataclass(frozen=True)
class Counters:
    """One counted region: cycles and retired instructions."""

    cycles: int
    instructions: int


@dataclass(frozen=True)
class Simulation:
    """What a run reported. `outputs[sample][output]` are raw bytes as they lie in memory."""

    setup: Counters
    runs: tuple[Counters, ...]
    outputs: tuple[tuple[bytes, ...], ...]
    stack_peak: int
    profile: tuple[Counters, ...] = ()
    """Per operator of the first sample, in execution order; only from a profiling firmware."""
    probe: tuple[int, ...] = ()
