"""The target `spike`: bare-metal firmware on the RISC-V ISA simulator Spike, machine mode."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pytest_mlbench import process
from pytest_mlbench.errors import SimulationFailed, UsageError
from pytest_mlbench.firmware.bare_metal import runtime
from pytest_mlbench.firmware.target import Target
from pytest_mlbench.isa import Isa
from pytest_mlbench.process import scratch

from . import dtb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from pytest_mlbench.firmware.components import Component
    from pytest_mlbench.firmware.target import Simulation
    from pytest_mlbench.provision import tools
    from pytest_mlbench.provision.fetch import Fetcher

MEMORY = "0x80000000:0x40000000"
"""Base and size of memory as Spike's `-m` takes it: ROM and RAM of the linker script."""

LAST_WORDS = 2.0
"""Seconds for an interrupted Spike to print the program counter."""


@dataclass(frozen=True)
class SpikeTarget(Target):
    """Spike as a target.

    program  the simulator to use; if empty, an installed one or the one that `fetcher` provides
    stack    size of the stack in bytes, a multiple of 16
    memory   the value of Spike's `-m`: base and size of its memory
    """

    name: str = "spike"
    isa: str = "rv32gc"
    abi: str = "ilp32d"
    program: str | None = None
    stack: int = 64 << 10
    default: bool = True
    memory: str = MEMORY
    fetcher: Callable[[], Fetcher] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.stack <= 0 or self.stack % 16:
            raise UsageError(
                f"a stack of {self.stack} bytes: it must be a positive multiple of 16",
                where=f"target {self.name}",
            )

    @property
    def title(self) -> str:
        """What its cycles are."""
        return "the ISA simulator Spike; one cycle for each instruction"

    def check(self, isa: str) -> None:
        """Raises UsageError for extensions that only single cores have."""
        if Isa.parse(isa).is_of_a_core:
            raise UsageError(
                f"Spike does not know all of {isa}",
                where=f"target {self.name}",
                remedy="Choose a core that does: --mlbench-target cv32e40p",
            )

    def components(self, isa: str) -> tuple[Component, ...]:
        """Start-up code, trap handler, main loop."""
        Isa.parse(isa or self.isa)
        return (runtime.component(),)

    def link_options(self, isa: str) -> tuple[str, ...]:
        """Options for the linker script and our own start-up code."""
        Isa.parse(isa or self.isa)
        return runtime.link_options(self.stack)

    def run(
        self,
        elf: Path,
        samples: Iterable[bytes],
        *,
        isa: str,
        outputs: tuple[int, ...],
        timeout: float,
    ) -> Simulation:
        """Runs `elf` once on all samples, within `timeout` seconds in total.

        Each sample holds the bytes of its input tensors back to back. Raises SimulationFailed for a
        firmware that traps, hangs or reports garbage, Unavailable if Spike is missing.
        """
        from pytest_mlbench.firmware.bare_metal import report

        all_samples = tuple(samples)
        if all_samples and not any(all_samples):
            raise SimulationFailed("the samples are empty: the model has no inputs")
        isa_text = str(Isa.parse(isa or self.isa).simulator)
        spike = self.simulator().path
        with scratch.folder("spike") as folder:
            tree = folder / "spike.dtb"
            tree.write_bytes(_tree(isa_text))
            asked = folder / "at-the-time-limit"
            asked.write_text("pc 0\nq\n", encoding="ascii")
            command: list[str | Path] = [
                spike,
                f"--isa={isa_text}",
                f"--dtb={tree}",
                f"-m{self.memory}",
                f"--debug-cmd={asked}",  # read when it is interrupted
                elf,
            ]
            done = process.run(
                command,
                timeout=timeout,
                stdin=b"".join(all_samples),
                bare=True,
                output_limit=report.OUTPUT_SLACK + 2 * len(all_samples) * sum(outputs),
                last_words=LAST_WORDS,
            )
        return report.classify_exit(
            done, elf, samples=len(all_samples), outputs=outputs, timeout=timeout
        )

    def configured(self, options: Mapping[str, Any]) -> SpikeTarget:
        """This target with the simulator that `--mlbench-spike` names."""
        program = options.get("spike")
        return replace(self, program=str(program)) if program else self

    def provisioned(self, fetcher: Callable[[], Fetcher]) -> SpikeTarget:
        """This target with `fetcher`, which provides a simulator if none is installed."""
        return replace(self, fetcher=fetcher)

    def simulator(self) -> tools.Tool:
        """The program that runs the firmware.

        Raises UsageError if the named program is not Spike, Unavailable if none is found.
        """
        from . import program

        return program.spike(self.program, fetcher=self.fetcher() if self.fetcher else None)

    def version(self) -> str:
        """Spike's own version, and the sha256 of the program."""
        return self.simulator().version


@lru_cache(maxsize=32)
def _tree(isa: str) -> bytes:
    return dtb.flatten(dtb.spike_tree(isa))
