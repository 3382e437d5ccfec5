"""One case from model to record: load, generate, build, simulate, compare, derive.

No pytest here. `Chain` does each step once, when it is first asked for; `run_case` does them all
and turns a failure into a record that says so.
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
"""The kernel library that stands behind every other."""


class Chain:
    """The steps of one case. Each raises the MlbenchError that ends the case.

    `until` and `timeout` are the settings' unless given.
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
        """The ISA that the firmware may use, features' extensions included."""
        return effective_isa(self.case, self.registry)

    @functools.cached_property
    def target(self) -> Target:
        """The target, with the simulator that the settings name and the case's own settings."""
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
        return self.toolbox.toolchain(self.isa, self._choice)

    @property
    def _choice(self) -> str:
        return self.case.choices.get("toolchain", "")

    @functools.cached_property
    def libraries(self) -> tuple[KernelLibrary, ...]:
        """The kernel libraries that the features select, in their order, the reference last."""
        names = [self.registry.feature(name).library for name in self.case.features]
        if REFERENCE in self.registry.libraries:
            names.append(REFERENCE)
        return tuple(self.registry.libraries[name] for name in dict.fromkeys(names) if name)

    @functools.cached_property
    def generated(self) -> Generated:
        """What the backend made of the model; probed first where it asked for that."""
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
        """The metrics that are known once it is built."""
        from pytest_mlbench.firmware.elf import sections

        from . import derive

        return derive.built(sections.sizes(self.firmware.elf), self.generated)

    @functools.cached_property
    def simulation(self) -> Simulation:
        """The run of all samples, or as many as the settings say."""
        return self._run(self.firmware, self.samples)

    @property
    def samples(self) -> tuple[tuple[bytes, ...], ...]:
        """The samples to run. A target that looks at their number itself is given all of them."""
        every = self.model.samples
        if hasattr(self.target, "for_case"):
            return every
        return every[: self.toolbox.settings.samples or None]

    def validate(self) -> None:
        """Compare all outputs with the reference's. Raises OutputMismatch."""
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
        """The first layer that differs in a sample, or how to learn it."""
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
            return f"The first layer that differs cannot be told: {error}"
        return found or "With every layer's output kept nothing differs: look at the memory plan"

    def look(self) -> str:
        """How to look into the firmware, for a person at this machine; empty when none was built.
        Not in the record, which is the same everywhere."""
        if "firmware" not in self.__dict__ or not self.firmware.elf.is_file():
            return ""
        from pytest_mlbench.firmware.keep import commands

        return commands(self.firmware, self.toolchain)

    def built(self) -> Record:
        """The record of the sizes only. Raises the error of the first step that fails."""
        self.metrics.update(self.sizes)
        return self.outcome("passed")

    def record(self) -> Record:
        """Do all that is left to do. Raises the error of the first step that fails."""
        self.metrics.update(self.sizes)
        if self.until != "run":
            return self.outcome("passed")
        from . import derive

        # Measured first: a case with a wrong output still says how big and how fast it is.
        clock = self.toolbox.settings.clock
        self.metrics.update(derive.ran(self.simulation, self.metrics, clock=clock))
        self.validate()
        if self.toolbox.settings.profile:
            self.operators = self._profiled()
        return self.outcome("passed")

    def outcome(self, outcome: str, reason: str = "") -> Record:
        """A record with what is known so far: a failed case keeps what was measured before."""
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
        made = backend.generate(self._request(profile=profile, probe=None))
        if not made.probe:
            return made
        firmware = self._build(made, define="MLBENCH_PROBE")
        numbers = self._run(firmware, ()).probe
        return backend.generate(self._request(profile=profile, probe=numbers))

    def _build(self, made: Generated, *, define: str = "") -> Firmware:
        from pytest_mlbench.firmware import build

        return build.build(
            made.components,
            target=self.target,
            isa=self.isa,
            optimize=self.case.optimize,
            toolchain=self.toolbox.toolchain_for(self.isa, made.components, self._choice),
            cache=self.toolbox.cache,
            defines=(define,) if define else (),
            name=self.case.name,
            lto=self.case.config.get("lto") == "on",
        )

    def _run(self, firmware: Firmware, samples: tuple[tuple[bytes, ...], ...]) -> Simulation:
        tensors = self.model.graph.tensors
        try:
            own = hasattr(self.target, "for_case")  # it knows more and tells it itself
            title = f"simulating {self.case.name}"
            with contextlib.nullcontext() if own else progress.step(title):
                return self.target.run(
                    firmware.elf,
                    [b"".join(inputs) for inputs in samples],
                    isa=self.isa,
                    outputs=tuple(tensors[index].bytes for index in self.model.graph.outputs),
                    timeout=self.timeout,
                )
        except SimulationFailed as error:
            # Every firmware's file is called the same: the case says which one it is.
            codes = getattr(self.registry.backend(self.case.backend), "codes", {})
            what = explained(error.what, codes)
            remedy = ". ".join(filter(None, (error.remedy, self._background())))
            raise SimulationFailed(what, where=self.case.name, remedy=remedy) from error

    def _background(self) -> str:
        """What a person needs to judge a failure: which code ran, and what is known about it."""
        known = getattr(self.registry.backend(self.case.backend), "known", None)
        told = known(self._request(profile=False, probe=None)) if known is not None else ()
        return background(self.generated.libraries if "generated" in self.__dict__ else {}, told)

    def _profiled(self) -> tuple[Mapping[str, Any], ...]:
        """The operators with the cycles and instructions of the first sample, from a firmware
        that counts around each one: a second one, so that the measured one stays clean."""
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
        """Bytes by component, and the symbols, biggest first."""
        from pytest_mlbench.firmware.elf import frames, symbols

        built = self.firmware
        rows = symbols.read(built.elf, built.map_file, built.component_of)
        named = frames.named((row.to_dict() for row in rows), frames.read(built.elf))
        return symbols.components(rows), named

    def _notes(self) -> tuple[str, ...]:
        notes = list(self.generated.notes) if "generated" in self.__dict__ else []
        if self.toolbox.fallback and not self._choice:
            notes.append(f"built with {self.toolchain.compiler}: {self.toolbox.fallback}")
        base = self.case.model.removesuffix(TWIN)
        if base != self.case.model and base in self.registry.models:
            notes.append(stand_in_note(self.case.model))
        return tuple(notes)


def params(case: Case, registry: Registry) -> dict[str, Any]:
    """A record's parameters: the case's, with the ISA in full."""
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
    """The record of `case`. Never raises an MlbenchError: a failure is a record that says so.

    What is missing outside makes it 'skipped', with strict settings 'failed'.
    """
    chain = Chain(case, toolbox, registry)
    try:
        return chain.record()
    except Unavailable as error:
        return chain.outcome("failed" if toolbox.settings.strict else "skipped", str(error))
    except MlbenchError as error:
        return chain.outcome("failed", str(error))
