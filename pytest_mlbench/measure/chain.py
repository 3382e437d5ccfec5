"""One case from model to record: load, generate, build, simulate, compare, derive.

No pytest here. `Chain` runs each step once, when its result is first needed. `run_case` runs all
steps and turns a failure into a record.
"""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, Any, cast

from pytest_mlbench import progress
from pytest_mlbench.backends.interface import GenerateRequest
from pytest_mlbench.errors import (
    MlbenchError,
    OutputMismatch,
    SimulationFailed,
    Unavailable,
)
from pytest_mlbench.models.model import TWIN
from pytest_mlbench.records.record import Record
from pytest_mlbench.records.report.absent import stand_in_note

from .explain import background, explained
from .rules import effective_isa

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_mlbench.backends.interface import Generated
    from pytest_mlbench.case import Case
    from pytest_mlbench.firmware.components import Firmware
    from pytest_mlbench.firmware.target import Simulation, Target
    from pytest_mlbench.kernels.interface import KernelLibrary
    from pytest_mlbench.models.load import LoadedModel
    from pytest_mlbench.provision.toolchain import Toolchain

    from .registry import Registry
    from .toolbox import Toolbox

REFERENCE = "reference"
"""The kernel library for operators that no chosen library covers."""


class Chain:
    """The steps of one case. Each raises the MlbenchError that ends the case.

    `until` and `timeout` default to the settings.
    """

    def __init__(
        self,
        case: Case,
        toolbox: Toolbox,
        registry: Registry,
        *,
        until: str = "",
        timeout: float = 0.0,
    ) -> None:
        self.case = case
        self.toolbox = toolbox
        self.registry = registry
        self.until = until or toolbox.settings.until
        self.timeout = timeout or toolbox.settings.timeout
        self.metrics: dict[str, int] = {}
        self.validation: dict[str, Any] = {}
        self.operators: tuple[Mapping[str, Any], ...] = ()

    @functools.cached_property
    def isa(self) -> str:
        """The ISA that the firmware may use, including the extensions that features add."""
        return effective_isa(self.case, self.registry)

    @functools.cached_property
    def target(self) -> Target:
        """The target, configured with the settings' simulator and the case's own config."""
        target = self.toolbox.target(self.registry.target_of(self.case))
        for_case = getattr(target, "for_case", None)
        if for_case is None:
            return target
        return cast(
            "Target", for_case(self.case.config, self.toolbox.settings.samples, self.case.name)
        )

    @functools.cached_property
    def model(self) -> LoadedModel:
        """The model's bytes, graph and samples."""
        return self.toolbox.load(self.registry.model(self.case.model))

    @functools.cached_property
    def toolchain(self) -> Toolchain:
        """The compiler."""
        return self.toolbox.toolchain(self.isa, self._toolchain_choice)

    @property
    def _toolchain_choice(self) -> str:
        return self.case.choices.get("toolchain", "")

    @functools.cached_property
    def libraries(self) -> tuple[KernelLibrary, ...]:
        """The kernel libraries that the features select, in that order; the reference is last."""
        names = [self.registry.feature(name).library for name in self.case.features]
        if REFERENCE in self.registry.libraries:
            names.append(REFERENCE)
        return tuple(self.registry.libraries[name] for name in dict.fromkeys(names) if name)

    @functools.cached_property
    def generated(self) -> Generated:
        """The backend's output. If the backend asks for a probe, that firmware is run first."""
        return self._generate(profile=False)

    @functools.cached_property
    def firmware(self) -> Firmware:
        """The firmware that is measured."""
        built = self._build(self.generated)
        if self.toolbox.settings.keep:
            from pytest_mlbench.firmware.keep import keep

            keep(built, self.toolbox.settings.keep / self.case.name)
        return built

    @functools.cached_property
    def sizes(self) -> Mapping[str, int]:
        """The metrics that are known once the firmware is built."""
        from pytest_mlbench.firmware.elf import sections

        from . import derive

        return derive.built(sections.sizes(self.firmware.elf), self.generated)

    @functools.cached_property
    def simulation(self) -> Simulation:
        """The run of all samples, or of as many as the settings allow."""
        return self._run(self.firmware, self.samples)

    @property
    def samples(self) -> tuple[tuple[bytes, ...], ...]:
        """The samples to run. A target with `for_case` limits their number itself and gets all."""
        every = self.model.samples
        if hasattr(self.target, "for_case"):
            return every
        return every[: self.toolbox.settings.samples or None]

    def validate(self) -> None:
        """Compares all outputs with the reference's. Raises OutputMismatch."""
        from .validation.golden import golden
        from .validation.outputs import compare, require_match

        expected = golden(self.model, self.toolbox.cache, timeout=self.timeout)
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
                (i for i, row in enumerate(expected.outputs[:asked]) if row != tuple(outputs[i])), 0
            )
            remedy = ". ".join(filter(None, (self._bisected(wrong), self._background())))
            raise OutputMismatch(error.what, where=error.where, remedy=remedy) from None

    def _bisected(self, sample: int) -> str:
        """Names the first layer that differs in a sample, or says how to find it."""
        from .bisect import first_difference, with_every_output
        from .validation.golden import golden

        if not self.toolbox.settings.bisect:
            return "--mlbench-bisect names the first layer that differs"
        other = Chain(self.case, self.toolbox, self.registry, until="run", timeout=self.timeout)
        try:
            model = with_every_output(self.model, sample)
            other.__dict__["model"] = model
            expected = golden(model, self.toolbox.cache, timeout=self.timeout).outputs[0]
            found = first_difference(
                model.graph, other.generated.operators, other.simulation.outputs[0], expected
            )
        except (MlbenchError, ValueError) as error:
            return f"The first layer that differs cannot be found: {error}"
        return found or "Nothing differs when every layer's output is kept: check the memory plan"

    def look(self) -> str:
        """Commands to inspect the firmware on this machine; empty if none was built.

        They are not part of the record, which is the same on every machine."""
        if "firmware" not in self.__dict__ or not self.firmware.elf.is_file():
            return ""
        from pytest_mlbench.firmware.keep import commands

        return commands(self.firmware, self.toolchain)

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
        clock = self.toolbox.settings.clock
        self.metrics.update(derive.ran(self.simulation, self.metrics, clock=clock))
        self.validate()
        if self.toolbox.settings.profile:
            self.operators = self._profiled()
        return self.outcome("passed")

    def outcome(self, outcome: str, reason: str = "") -> Record:
        """A record of everything known so far: a failed case keeps what was measured before."""
        done = self.__dict__
        model: LoadedModel | None = done.get("model")
        built: Firmware | None = done.get("firmware")
        provenance: dict[str, Any] = {}
        if model is not None:
            provenance["model_sha256"] = model.sha256
        if "toolchain" in done:
            provenance["toolchain"] = self.toolchain.identity
        if "generated" in done:
            provenance["libraries"] = dict(sorted(self.generated.libraries.items()))
        if built is not None:
            provenance["elf_sha256"] = built.sha256
            provenance["flags"] = {
                component: list(flags) for component, flags in sorted(built.compile_flags.items())
            }
        if "simulation" in done:
            versions = getattr(self.target, "versions", None)
            provenance |= versions() if versions else {self.target.name: self.target.version()}
        components, symbols = self.footprint if built is not None else ({}, ())
        return Record(
            case=self.case.name,
            params=params(self.case, self.registry),
            outcome=outcome,
            reason=reason,
            metrics=dict(self.metrics),
            validation=self.validation,
            provenance=provenance,
            operators=self.operators or (self.generated.operators if "generated" in done else ()),
            components=components,
            symbols=symbols,
            arena=self.generated.arena if "generated" in done else (),
            notes=self._notes(),
        )

    def _request(self, *, profile: bool, probe: tuple[int, ...] | None) -> GenerateRequest:
        return GenerateRequest(
            graph=self.model.graph,
            model_data=self.model.data,
            libraries=self.libraries,
            features=self.case.features,
            isa=self.isa,
            optimize=self.case.optimize,
            config=self.case.config,
            sources=self.toolbox.sources_for(self.case, self.registry),
            profile=profile,
            probe=probe,
            compiler=self.toolchain.compiler,
        )

    def _generate(self, *, profile: bool) -> Generated:
        backend = self.registry.backend(self.case.backend)
        generated = backend.generate(self._request(profile=profile, probe=None))
        if not generated.probe:
            return generated
        firmware = self._build(generated, define="MLBENCH_PROBE")
        numbers = self._run(firmware, ()).probe
        return backend.generate(self._request(profile=profile, probe=numbers))

    def _build(self, generated: Generated, *, define: str = "") -> Firmware:
        from pytest_mlbench.firmware import build

        return build.build(
            generated.components,
            target=self.target,
            isa=self.isa,
            optimize=self.case.optimize,
            toolchain=self.toolbox.toolchain_for(
                self.isa, generated.components, self._toolchain_choice
            ),
            cache=self.toolbox.cache,
            defines=(define,) if define else (),
            name=self.case.name,
            lto=self.case.config.get("lto") == "on",
        )

    def _run(self, firmware: Firmware, samples: tuple[tuple[bytes, ...], ...]) -> Simulation:
        tensors = self.model.graph.tensors
        try:
            # A target with `for_case` reports its own, more detailed progress.
            reports_progress = hasattr(self.target, "for_case")
            title = f"simulating {self.case.name}"
            with contextlib.nullcontext() if reports_progress else progress.step(title):
                return self.target.run(
                    firmware.elf,
                    [b"".join(inputs) for inputs in samples],
                    isa=self.isa,
                    outputs=tuple(tensors[index].bytes for index in self.model.graph.outputs),
                    timeout=self.timeout,
                )
        except SimulationFailed as error:
            # All firmware files have the same name, so the error names the case.
            codes = getattr(self.registry.backend(self.case.backend), "codes", {})
            what = explained(error.what, codes)
            remedy = ". ".join(filter(None, (error.remedy, self._background())))
            raise SimulationFailed(what, where=self.case.name, remedy=remedy) from error

    def _background(self) -> str:
        """Which code ran, and the known problems of that code."""
        known = getattr(self.registry.backend(self.case.backend), "known", None)
        problems = known(self._request(profile=False, probe=None)) if known is not None else ()
        libraries = self.generated.libraries if "generated" in self.__dict__ else {}
        return background(libraries, problems)

    def _profiled(self) -> tuple[Mapping[str, Any], ...]:
        """The operators with their cycles and instructions in the first sample.

        A second firmware counts around each operator, so that the measured one stays unchanged."""
        from . import derive

        firmware = self._build(self._generate(profile=True), define="MLBENCH_PROFILE")
        ran = self._run(firmware, self.model.samples[:1])
        return tuple(
            {**row, **derive.operator(count, ran.events)}
            for row, count in zip(self.generated.operators, ran.profile, strict=True)
        )

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
        return tuple(notes)


def params(case: Case, registry: Registry) -> dict[str, Any]:
    """A record's parameters: those of the case, with the complete ISA."""
    return {
        "model": case.model,
        "backend": case.backend,
        "features": list(case.features),
        "optimize": case.optimize,
        "target": registry.target_of(case).name,
        "isa": effective_isa(case, registry),
        "config": dict(sorted(case.config.items())),
        **dict(sorted(case.choices.items())),
    }


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
