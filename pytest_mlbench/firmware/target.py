"""The target interface: what firmware is built for, and what a run on it reports."""

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

    These attributes are optional:

    default                 true for the target that is used if none is named
    configured(options)     the target configured with its own options (option name -> value);
                            raises UsageError
    simulator()             the program that runs the firmware, shown by `doctor`; raises
                            UsageError or Unavailable
    check(isa)              raises UsageError for an ISA that it cannot execute
    config                  the keys of `--mlbench-config` that it understands
    for_case(config, n, name)   the target configured for a case and for `n` samples (None: its own
                            choice, 0: all); `run` then gets all samples and reports its progress
    provisioned(fetcher)    the target with the means to fetch its simulator; `fetcher()` returns a
                            Fetcher
    prepare(), ready()      build what takes long to build; say whether and where it is built
    versions()              everything that runs or validates the firmware: name -> version
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
        """The identity of the simulator that runs the firmware, for the record."""
        ...


@dataclass(frozen=True)
class Counters:
    """One counted region: cycles, retired instructions, and the value of each event counter."""

    cycles: int
    instructions: int
    events: tuple[int, ...] = ()

    def __add__(self, other: Counters) -> Counters:
        """The sum of two regions."""
        pairs = itertools.zip_longest(self.events, other.events, fillvalue=0)
        return Counters(
            self.cycles + other.cycles,
            self.instructions + other.instructions,
            tuple(one + two for one, two in pairs),
        )


@dataclass(frozen=True)
class Simulation:
    """What a run reported. `outputs[sample][output]` are the raw bytes in memory."""

    setup: Counters
    runs: tuple[Counters, ...]
    outputs: tuple[tuple[bytes, ...], ...]
    stack_peak: int
    profile: tuple[Counters, ...] = ()
    """The counters of each operator in the first sample, in execution order; only if profiled."""
    probe: tuple[int, ...] = ()
    events: tuple[str, ...] = ()
    """The metric of each event counter in `runs` and `profile`; '' for one that is not shown."""
    real: bool = False
    """Whether cycles are those of real hardware, rather than one per instruction."""
    partial: bool = False
    """Whether there are only outputs of the first samples, because the target ran no others."""
