"""Cores as targets: firmware is validated on Spike and measured on the model of the core's RTL."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_mlbench.case import WAITS
from pytest_mlbench.errors import SimulationFailed, Unavailable, UsageError
from pytest_mlbench.firmware.bare_metal import runtime
from pytest_mlbench.firmware.bare_metal.traps import Trapped
from pytest_mlbench.firmware.target import Target
from pytest_mlbench.firmware.targets.spike.target import SpikeTarget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from pytest_mlbench.firmware.components import Component
    from pytest_mlbench.firmware.target import Simulation
    from pytest_mlbench.provision.fetch import Fetcher

    from .core import Core
    from .model import Model

MOST_WAIT = 1000

_FIRST = ("setup", "run 1")
"""What a run of one sample has."""

BUDGET = 60.0
"""Estimated seconds within which more than one sample runs on the core by itself."""


@dataclass(frozen=True)
class CoreTarget(Target):
    """A core as a target.

    stack    size of the stack in bytes
    samples  how many samples run on the core itself; 0: all; None: as many as take less than a
             minute, but one without Spike, and all if Spike cannot execute the ISA
    waits    wait states of memory
    case     the name of the run in progress lines
    """

    core: Core
    stack: int = 64 << 10
    samples: int | None = None
    waits: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    case: str = ""
    spike: SpikeTarget = field(default_factory=SpikeTarget)
    fetcher: Callable[[], Fetcher] | None = field(default=None, compare=False, repr=False)

    config = WAITS
    chooses_samples = True
    builds_simulator = True

    @property
    def name(self) -> str:
        """The core's name."""
        return self.core.name

    @property
    def title(self) -> str:
        """What kind of core it is."""
        return f"a real core; pipeline: {self.core.description.pipeline}"

    @property
    def isa(self) -> str:
        """The complete ISA of the core."""
        return self.core.isa

    @property
    def abi(self) -> str:
        """The ABI; no core here has floating-point registers."""
        return "ilp32"

    def check(self, isa: str) -> None:
        """Raises UsageError for an ISA that the core lacks."""
        self.core.check(isa)

    def components(self, isa: str) -> tuple[Component, ...]:
        """The common start-up code and main loop, adapted to this core."""
        self.core.check(isa or self.isa)
        return (runtime.component(self.core.start_up),)

    def link_options(self, isa: str) -> tuple[str, ...]:
        """The common linker script, with this core's memory addresses."""
        self.core.check(isa or self.isa)
        places = (f"__rom_base={self.core.rom:#x}", f"__ram_base={self.core.ram:#x}")
        return (
            *runtime.link_options(self.stack),
            *(f"-Wl,--defsym={place}" for place in places),
        )

    def configured(self, options: Mapping[str, Any]) -> CoreTarget:
        """This target with the Spike that `--mlbench-spike` names."""
        return replace(self, spike=self.spike.configured(options))

    def provisioned(self, fetcher: Callable[[], Fetcher]) -> CoreTarget:
        """This target with `fetcher`, which provides RTL, Verilator, Spike and the model cache."""
        return replace(self, fetcher=fetcher, spike=self.spike.provisioned(fetcher))

    def for_case(
        self, config: Mapping[str, str], samples: int | None, name: str = ""
    ) -> CoreTarget:
        """This target with a case's wait states, for `samples` samples (None: its own choice)."""
        waits = {key: _cycles(key, config[key]) for key in WAITS if key in config}
        return replace(self, waits=MappingProxyType(waits), samples=samples, case=name)

    def for_checks(self, isa: str) -> Target:
        """Spike, where it knows the ISA: checked firmware takes many more instructions."""
        return self if self.core.own_extensions(isa or self.isa) else self._spike()

    def run(
        self,
        elf: Path,
        samples: Iterable[bytes],
        *,
        isa: str,
        outputs: tuple[int, ...],
        timeout: float,
    ) -> Simulation:
        """Runs `elf` on Spike with all samples and on the core with the first ones.

        Counters come from the core, outputs of all samples from Spike. Raises SimulationFailed also
        if the two disagree. Without Spike, outputs come from the core alone; if it did not run all
        samples, the simulation is `partial`.
        """
        from . import compare

        self.core.check(isa or self.isa)
        given = tuple(samples)
        program = self.model(isa).program

        def on_core(some: tuple[bytes, ...], instructions: int) -> Simulation:
            found = self._run(program, elf, some, outputs, timeout, instructions)
            return replace(found, events=self.core.events, real=True)

        if self.core.own_extensions(isa or self.isa):
            mine = given[: self.samples or None]
            return replace(on_core(mine, 0), partial=len(mine) < len(given))
        try:
            reference = self._spike().run(elf, given, isa=isa, outputs=outputs, timeout=timeout)
        except Unavailable:
            mine = given[: 1 if self.samples is None else self.samples or None]
            return replace(on_core(mine, 0), partial=len(mine) < len(given))
        except Trapped as trap:
            try:
                on_core(given[:1], 0)
            except Trapped:
                raise compare.on_both(self.core, trap) from None
            except SimulationFailed:  # for example at the time limit: the core may trap or not
                raise trap from None
            if trap.during not in _FIRST:  # the core has not run the sample that traps
                raise
            raise compare.only_on_spike(self.core, trap) from None
        if reference.probe:
            return reference
        mine = given[: self._count(reference)]
        try:
            found = on_core(mine, sum(run.instructions for run in reference.runs[: len(mine)]))
        except Trapped as trap:
            raise compare.only_on_the_core(self.core, trap) from None
        compare.check(self.core, found, reference)
        extra = compare.extra_instructions(found, reference)
        return replace(found, outputs=reference.outputs, extra_instructions=extra)

    def _count(self, reference: Simulation) -> int | None:
        """How many samples run on the core: those asked for, else as many as are simulated in
        `BUDGET` seconds, and one at least. The estimate depends on no machine, nor does the count.
        """
        if self.samples is not None:
            return self.samples or None
        ends = itertools.accumulate(self._seconds(run.instructions) for run in reference.runs)
        return max(sum(end <= BUDGET for end in ends), 1)

    def _seconds(self, instructions: int) -> float:
        """How long so many take to simulate, by the core's typical speed; as if each instruction
        met every wait state."""
        return instructions * (self.core.cpi + sum(self.waits.values())) / self.core.speed

    def model(self, isa: str = "") -> Model:
        """The program that simulates the core, from the cache or built now."""
        if self.fetcher is None:
            raise Unavailable(f"target {self.name} has no fetcher: call provisioned() first")
        from . import model

        return model.build(self.core.with_extensions(isa or self.isa), self.fetcher())

    def prepare(self) -> str:
        """Builds the models, with and without optional extensions; a sentence about the latter."""
        for extension in sorted(self.core.optional):
            self.model(f"{self.isa}_{extension}")
        return self.model().identity

    def ready(self) -> tuple[bool, str]:
        """Whether the model is built, and a sentence about it or about what is missing."""
        if self.fetcher is None:
            return False, "no fetcher"
        from . import model

        return model.ready(self.core, self.fetcher())

    def version(self) -> str:
        """The RTL, its parameters, and Verilator."""
        return self.model().identity

    def versions(self) -> Mapping[str, str]:
        """The versions of the core's model and, if it validates, of Spike."""
        identities = {self.name: self.version()}
        with contextlib.suppress(Unavailable):
            identities[self.spike.name] = self.spike.version()
        return identities

    def _spike(self) -> SpikeTarget:
        from . import model

        memory = model.require_memory(self.core)
        return replace(self.spike, memory=memory, isa=self.isa, abi=self.abi)

    def _run(
        self,
        program: Path,
        elf: Path,
        samples: tuple[bytes, ...],
        outputs: tuple[int, ...],
        timeout: float,
        instructions: int,
    ) -> Simulation:
        from .simulate import simulate

        return simulate(
            [program, elf, *self._wait_options()],
            samples,
            core=self.name,
            title=self._title(instructions),
            outputs=outputs,
            timeout=timeout,
        )

    def _wait_options(self) -> list[str]:
        """The wait states as the bench takes them."""
        rows = sorted(self.waits.items())
        return [word for key, value in rows for word in (f"--{key.replace('_', '-')}", str(value))]

    def _title(self, instructions: int) -> str:
        title = f"simulating {self.case or self.name}"
        if not instructions:
            return title
        seconds = self._seconds(instructions)
        return f"{title} ({instructions / 1e6:,.1f} million instructions, about {seconds:.0f} s)"


def _cycles(key: str, text: str) -> int:
    value = int(text) if text.isdecimal() else -1
    if not 0 <= value <= MOST_WAIT:
        raise UsageError(
            f"{text!r} is not a number of cycles from 0 to {MOST_WAIT}",
            where=f"--mlbench-config {key}",
        )
    return value
