"""One case from model to record: load, generate, build, simulate, compare, derive.

No pytest here. `Chain` runs each step once, when its result is first needed. `run_case` runs all
steps and turns a failure into a record.
"""

from __future__ import annotations

import functools
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_mlbench.errors import (
    MemoryFault,
    MlbenchError,
    OutputMismatch,
    Unavailable,
)
from pytest_mlbench.models.model import TWIN
from pytest_mlbench.records.report.absent import stand_in_note

from . import further
from .record_of import Known, measured_of, record_of
from .steps import Steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_mlbench.case import Case
    from pytest_mlbench.records.record import Record

    from .registry import Registry
    from .toolbox import Toolbox


class Chain(Steps):
    """Runs a case up to its record; `metrics`, `validation`, `operators` fill up on the way."""

    validation: Mapping[str, Any] = MappingProxyType({})
    operators: tuple[Mapping[str, Any], ...] = ()
    aborted: Mapping[int, str] = MappingProxyType({})
    """Sample -> why the reference aborted on it."""

    @functools.cached_property
    def metrics(self) -> dict[str, int]:
        """What was measured until now."""
        return {}

    @functools.cached_property
    def sizes(self) -> Mapping[str, int]:
        """The metrics that are known once the firmware is built."""
        from pytest_mlbench.firmware.elf import sections

        from . import derive

        return derive.built(sections.sizes(self.firmware.elf), self.generated)

    def validate(self) -> None:
        """Compares all outputs with the reference's. Raises OutputMismatch."""
        from .validation.outputs import compare, require_match

        expected = self.expected
        self.aborted = expected.aborted
        outputs = self.simulation.outputs
        asked = len(outputs) if self.simulation.partial else len(self.samples)
        found = compare(self.model.graph, outputs, expected.outputs[:asked])
        self.validation = {
            "samples": found.samples,
            "matched": found.matched,
            "reference": expected.reference,
        }
        try:
            require_match(found, where=self.case.name)
        except OutputMismatch as error:
            wrong = next(
                (
                    number
                    for number, row in enumerate(expected.outputs[:asked])
                    if row and row != tuple(outputs[number])
                ),
                0,
            )
            culprit = further.first_wrong_operator(self, wrong)
            remedy = ". ".join(filter(None, (culprit, self.background())))
            raise OutputMismatch(error.what, where=error.where, remedy=remedy) from None

    def _validate_and_check(self) -> None:
        """Validates the outputs and, with `--mlbench-check`, the operators' use of memory.

        Raises OutputMismatch, which also names any memory fault, or else MemoryFault.
        """
        if not self.toolbox.settings.check or further.unchecked(self):
            self.validate()
            return
        try:
            self.validate()
        except OutputMismatch as error:
            fault = further.memory_fault(self)
            told = f"A checked firmware shows that {fault}" if fault else ""
            remedy = ". ".join(filter(None, (told, error.remedy)))
            raise OutputMismatch(error.what, where=error.where, remedy=remedy) from None
        fault = further.memory_fault(self)
        if fault:
            raise MemoryFault(fault, where=self.case.name)

    def built(self) -> Record:
        """A record with the sizes only. Raises the error of the first step that fails."""
        self.metrics.update(self.sizes)
        return self.outcome("passed")

    def record(self) -> Record:
        """Runs all remaining steps. Raises the error of the first one that fails."""
        self.metrics.update(self.sizes)
        if self.until != "run":
            return self.outcome("passed")
        from . import derive

        # Measure before validating: a case with a wrong output still reports its size and speed.
        settings = self.toolbox.settings
        measured = derive.ran(
            self.simulation, self.metrics, clock=settings.clock, energy=settings.energy
        )
        self.metrics.update(measured)
        self._validate_and_check()
        if self.toolbox.settings.profile:
            self.operators = further.profiled(self)
        return self.outcome("passed")

    def outcome(self, outcome: str, reason: str = "") -> Record:
        """A record of everything known so far: a failed case keeps what was measured before."""
        done = self.__dict__
        built = "firmware" in done
        components, symbols = self.footprint if built else ({}, ())
        known = Known(
            model=done.get("model"),
            model_path=self.model_path,
            toolchain=(self.built_with or self.toolchain).identity if "toolchain" in done else "",
            generated=done.get("generated"),
            firmware=done.get("firmware"),
            versions=self.target.versions() if "simulation" in done else {},
            metrics=self.metrics,
            validation=self.validation,
            operators=self.operators,
            components=components,
            symbols=symbols,
            notes=self._notes(),
        )
        return record_of(self.case, self.registry, known, outcome, reason)

    @functools.cached_property
    def footprint(
        self,
    ) -> tuple[Mapping[str, Mapping[str, int]], tuple[Mapping[str, Any], ...]]:
        """Bytes per component, and the symbols, largest first."""
        from pytest_mlbench.firmware.elf import frames, symbols

        built = self.firmware
        rows = symbols.read(built.elf, built.map_file, built.component_of)
        named = frames.named((row.to_dict() for row in rows), frames.read(built.elf))
        return symbols.components(rows), named

    def _notes(self) -> tuple[str, ...]:
        notes = list(self.generated.notes) if "generated" in self.__dict__ else []
        if self.toolbox.fallback and not self._toolchain_choice:
            notes.append(f"built with {self.toolchain.compiler}: {self.toolbox.fallback}")
        base = self.case.model.removesuffix(TWIN)
        if base != self.case.model and base in self.registry.models:
            notes.append(stand_in_note(self.case.model))
        notes += further.unchecked(self)
        notes += further.left_out(self.aborted, self.validation)
        if "simulation" in self.__dict__:
            notes += measured_of(self.simulation, self.registry.target_of(self.case).name)
        if "firmware" in self.__dict__:
            notes += [f"compiler warning: {text}" for text in self.firmware.warnings]
        return tuple(notes)


def run_case(case: Case, toolbox: Toolbox, registry: Registry) -> Record:
    """Runs `case` and returns its record. Never raises an MlbenchError: a failure is a record too.

    If something outside is missing, the outcome is 'skipped', or 'failed' with strict settings.
    """
    chain = Chain(case, toolbox, registry)
    try:
        return chain.record()
    except Unavailable as error:
        return chain.outcome("failed" if toolbox.settings.strict else "skipped", str(error))
    except MlbenchError as error:
        return chain.outcome("failed", str(error))
