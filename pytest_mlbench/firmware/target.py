"""The target interface: what firmware is built for, and what a run on it reports."""

# ruff: noqa: ARG002, B027 a default method does nothing with its arguments

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from pytest_mlbench.provision.fetch import Fetcher
    from pytest_mlbench.provision.tools import Tool

    from .components import Component


class Target(ABC):
    """Something that firmware is built for and run on: the base class of every target.

    A target has a name and a default ISA with its ABI, and implements the abstract methods. The
    defaults of the other methods suit a simulator or board that needs no preparation.
    """

    default: bool = False
    """Whether it is the target that is meant where none is named."""

    config: tuple[str, ...] = ()
    """The keys of `--mlbench-config` that it understands."""

    chooses_samples: bool = False
    """Whether `run` is given all samples, takes as many as it chooses, and tells its progress."""

    builds_simulator: bool = False
    """Whether its simulator has to be built: `prepare` and `ready`."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The name for `--mlbench-target`."""

    @property
    def title(self) -> str:
        """What it is, in a few words, for `mlbench list`."""
        return ""

    @property
    @abstractmethod
    def isa(self) -> str:
        """Its default ISA."""

    @property
    @abstractmethod
    def abi(self) -> str:
        """The ABI of that ISA."""

    @abstractmethod
    def components(self, isa: str) -> tuple[Component, ...]:
        """Start-up code, traps, input and output."""

    @abstractmethod
    def link_options(self, isa: str) -> tuple[str, ...]:
        """Options for the link, the linker script among them."""

    @abstractmethod
    def run(
        self,
        elf: Path,
        samples: Iterable[bytes],
        *,
        isa: str,
        outputs: tuple[int, ...],
        timeout: float,
    ) -> Simulation:
        """Run `elf` on `samples` within `timeout` seconds; `outputs` are the byte sizes of the
        model's outputs. Raises SimulationFailed, and Unavailable when nothing is here to run it."""

    @abstractmethod
    def version(self) -> str:
        """The identity of the simulator or board that runs the firmware, for the record."""

    def versions(self) -> Mapping[str, str]:
        """Everything that runs or validates the firmware: name -> version."""
        return {self.name: self.version()}

    def check(self, isa: str) -> None:
        """Raises UsageError for an ISA that it cannot execute."""

    def configured(self, options: Mapping[str, Any]) -> Target:
        """The target configured with its own options (option name -> value). Raises UsageError."""
        return self

    def provisioned(self, fetcher: Callable[[], Fetcher]) -> Target:
        """The target with `fetcher`, which provides its simulator if needed."""
        return self

    def for_case(self, config: Mapping[str, str], samples: int | None, name: str = "") -> Target:
        """The target configured for a case, for `samples` samples (None: its own choice, 0: all).

        Raises UsageError for a setting that it does not allow."""
        return self

    def for_checks(self, isa: str) -> Target:
        """The target to run checked firmware on: the fastest one, because cycles do not count."""
        return self

    def simulator(self) -> Tool | None:
        """The program that runs the firmware, shown by `doctor`; None if there is no such program.

        Raises UsageError or Unavailable."""
        return None

    def prepare(self) -> str:
        """Builds the simulator, and returns a sentence about it."""
        return ""

    def ready(self) -> tuple[bool, str]:
        """Whether the simulator is built, and a sentence about it. Builds and downloads nothing."""
        return True, ""


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
    extra_instructions: int = 0
    """How many more instructions the core counts in a run, at most, than Spike does."""
