"""What a target is: what firmware is built for, and what a run on it reports."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from .components import Component


@runtime_checkable
class Target(Protocol):
    """Something that firmware is built for and run on.

    These attributes may be left out:

    default                 true for the target that is meant where none is named
    configured(options)     the target with the settings of its own options (option name -> value);
                            raises UsageError
    simulator()             the program that runs the firmware, which `doctor` shows; raises
                            UsageError or Unavailable
    check(isa)              raises UsageError for an ISA that it cannot execute
    config                  the keys of `--mlbench-config` that it understands
    for_case(config, n, name)   the target with a case's settings, for `n` samples (None: its own
                            choice, 0: all); it is then given all samples, and tells its progress
    provisioned(fetcher)    the target with what brings its simulator; `fetcher()` is a Fetcher
    prepare(), ready()      build what takes long to build; say whether that is here, and where
    versions()              all that runs or validates the firmware: name -> version
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

    def components(self, isa: str) -> tuple[Component, ...]:
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
    """One counted region: cycles, retired instructions, and what each event counter counted."""

    cycles: int
    instructions: int
    events: tuple[int, ...] = ()

    def __add__(self, other: Counters) -> Counters:
        """Two regions together."""
        pairs = itertools.zip_longest(self.events, other.events, fillvalue=0)
        return Counters(
            self.cycles + other.cycles,
            self.instructions + other.instructions,
            tuple(one + two for one, two in pairs),
        )


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
    events: tuple[str, ...] = ()
    """The metrics that the event counters of `runs` and `profile` are, '' for one not shown."""
    real: bool = False
    """Whether the cycles are those that hardware takes, rather than one for each instruction."""
    partial: bool = False
    """Whether outputs of the first samples only came back, as the target was asked to."""
