"""The target `spike`: bare-metal firmware on the RISC-V ISA simulator Spike, machine mode."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlbench import process
from pytest_mlbench.errors import MlbenchError, SimulationFailed, UserMistake
from pytest_mlbench.firmware.elf.locate import locate
from pytest_mlbench.firmware.parts import Part
from pytest_mlbench.isa import Isa
from pytest_mlbench.process import scratch
from pytest_mlbench.provision import tools

from . import dtb, traps, wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pytest_mlbench.firmware.target import Simulation
    from pytest_mlbench.provision.fetch import Fetcher

FIRMWARE = Path(__file__).with_name("firmware")
MEMORY = "0x80000000:0x40000000"
"""Base and size of memory as Spike's `-m` takes it: ROM and RAM of the linker script."""

OUTPUT_SLACK = 16 << 20
"""Bytes that a run may write beside its outputs: a profile of 1,000 operators on 500 samples."""


@dataclass(frozen=True)
class SpikeTarget:
    """Spike. `program` is the simulator to use instead of the provisioned one, which `fetcher`
    brings where none is installed; `stack` is the stack's size in bytes, a multiple of 16; `memory`
    is where it has memory, as its `-m` takes it."""

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
            raise UserMistake(
                f"a stack of {self.stack} bytes: it has to be a positive multiple of 16",
                where=f"target {self.name}",
            )

    def check(self, isa: str) -> None:
        """Raises UserMistake for the extensions of a single core."""
        if Isa.parse(isa).is_of_a_core:
            raise UserMistake(
                f"Spike does not know all of {isa}",
                where=f"target {self.name}",
                remedy="Choose a core that has it: --mlbench-target cv32e40p",
            )

    def parts(self, isa: str) -> tuple[Part, ...]:
        """Start-up code, trap handler, main loop."""
        Isa.parse(isa or self.isa)
        sources = (FIRMWARE / "crt0.S", FIRMWARE / "main.c")
        return (Part("runtime", sources=sources),)

    def link_options(self, isa: str) -> tuple[str, ...]:
        """The linker script; the start-up code is the target's own."""
        Isa.parse(isa or self.isa)
        script = str(FIRMWARE / "spike.ld")
        stack = f"-Wl,--defsym=__stack_size={self.stack}"
        return ("-nostartfiles", "-T", script, "-Wl,--orphan-handling=error", stack)

    def run(
        self,
        elf: Path,
        samples: Iterable[bytes],
        *,
        isa: str,
        outputs: tuple[int, ...],
        timeout: float,
    ) -> Simulation:
        """Run `elf` once on all samples, within `timeout` seconds in all.

        Each sample is its input tensors' bytes back to back. Raises SimulationFailed for a
        firmware that traps, hangs or reports garbage, CannotRun when there is no Spike.
        """
        given = tuple(samples)
        if given and not any(given):
            raise SimulationFailed("the samples are empty: the model has no input to feed")
        spelled = str(Isa.parse(isa or self.isa).simulator)
        spike = self.simulator().path
        with scratch.folder("spike") as folder:
            tree = folder / "spike.dtb"
            tree.write_bytes(_tree(spelled))
            command: list[str | Path] = [
                spike,
                f"--isa={spelled}",
                f"--dtb={tree}",
                f"-m{self.memory}",
                elf,
            ]
            done = process.run(
                command,
                timeout=timeout,
                stdin=b"".join(given),
                bare=True,
                output_limit=OUTPUT_SLACK + 2 * len(given) * sum(outputs),
            )
        return judge(done, elf, samples=len(given), outputs=outputs, timeout=timeout)

    def configured(self, options: Mapping[str, Any]) -> SpikeTarget:
        """This target with the simulator that `--mlbench-spike` names."""
        program = options.get("spike")
        return replace(self, program=str(program)) if program else self

    def provisioned(self, fetcher: Callable[[], Fetcher]) -> SpikeTarget:
        """This target with what brings a simulator where none is installed."""
        return replace(self, fetcher=fetcher)

    def simulator(self) -> tools.Tool:
        """The program that runs the firmware. Raises UserMistake when the one that was named is
        no Spike, CannotRun when there is none."""
        return tools.spike(self.program, fetcher=self.fetcher() if self.fetcher else None)

    def version(self) -> str:
        """What Spike calls itself, and the sha256 of the program."""
        return self.simulator().version


def judge(
    done: process.Finished, elf: Path, *, samples: int, outputs: tuple[int, ...], timeout: float
) -> Simulation:
    """What a simulator's end means. Raises SimulationFailed for everything but a whole report."""
    where = elf.name
    if done.timed_out:
        raise SimulationFailed(
            f"the simulation did not end within {timeout:g} s "
            f"({wire.progress(done.stdout)}, of {samples} samples)",
            where=where,
            remedy="Look for an endless loop, or give it more time with --mlbench-timeout SECONDS",
        )
    if done.flooded:
        raise SimulationFailed(
            f"the firmware writes without end: {len(done.stdout)} bytes and more, beginning with "
            f"{done.stdout[:16].hex(' ')} ({wire.progress(done.stdout)}, of {samples} samples)",
            where=where,
        )
    if done.returncode < 0:
        raise SimulationFailed(
            f"the simulator was killed by signal {_signal(-done.returncode)} "
            f"({wire.progress(done.stdout)})",
            where=where,
        )
    try:
        report = wire.parse(done.stdout, samples=samples, outputs=outputs)
    except SimulationFailed as error:
        raise SimulationFailed(
            error.what + _said(done), where=where, remedy=error.remedy
        ) from error
    if isinstance(report, wire.Trap):
        failure = traps.explain(report, lambda address: _name(elf, address))
        raise SimulationFailed(failure.what, where=where, remedy=failure.remedy)
    if done.returncode != 0:
        raise SimulationFailed(
            f"the simulator ended with status {done.returncode}{_said(done)}", where=where
        )
    return report


def _said(done: process.Finished) -> str:
    """Spike's own last words, unless they are only the firmware's exit code."""
    lines = [line.strip() for line in done.error_text.splitlines() if line.strip()]
    words = [line for line in lines if not line.startswith("*** FAILED ***")]
    return f" (Spike says: {words[-1]})" if words else ""


def _name(elf: Path, address: int) -> str:
    try:
        return locate(elf, address)
    except MlbenchError:
        return ""


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


@lru_cache(maxsize=32)
def _tree(isa: str) -> bytes:
    return dtb.flatten(dtb.spike_tree(isa))
