"""The steps of one case: load, generate, build, simulate. Each runs once, when first needed."""

from __future__ import annotations

import contextlib
import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench import progress
from pytest_mlbench.backends.interface import GenerateRequest
from pytest_mlbench.errors import (
    SimulationFailed,
)

from .explain import background, explained
from .rules import effective_isa

if TYPE_CHECKING:
    from pytest_mlbench.backends.interface import Backend, Generated
    from pytest_mlbench.case import Case
    from pytest_mlbench.firmware.components import Firmware
    from pytest_mlbench.firmware.target import Simulation, Target
    from pytest_mlbench.kernels.interface import KernelLibrary
    from pytest_mlbench.models.load import LoadedModel
    from pytest_mlbench.provision.toolchain import Toolchain

    from .registry import Registry
    from .toolbox import Toolbox
    from .validation.golden import Golden

RESET = "MLBENCH_RESET"
"""With this define, the firmware's main resets the state after each sample."""

REFERENCE = "reference"
"""The kernel library for operators that no chosen library covers."""


class Steps:
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
        self.built_with: Toolchain | None = None
        """As `toolchain`, plus C++ headers and libraries if needed."""

    @functools.cached_property
    def isa(self) -> str:
        """The ISA that the firmware may use, including the extensions that features add."""
        return effective_isa(self.case, self.registry)

    @property
    def backend(self) -> Backend:
        """The backend."""
        return self.registry.backend(self.case.backend)

    @functools.cached_property
    def target(self) -> Target:
        """The target, configured with the settings' simulator and the case's own config."""
        target = self.toolbox.target(self.registry.target_of(self.case))
        return target.for_case(self.case.config, self.toolbox.settings.samples, self.case.name)

    @functools.cached_property
    def model(self) -> LoadedModel:
        """The model's bytes, graph and samples."""
        return self.toolbox.load(self.registry.model(self.case.model))

    @property
    def model_path(self) -> str:
        """Where a model that was given by path lies, relative to the rootdir; else empty."""
        known = self.registry.models.get(self.case.model)
        if known is None or known.path is None:
            return ""
        root = self.toolbox.root or Path.cwd()
        return Path(os.path.relpath(known.path, root)).as_posix()

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
        from .traffic import with_bytes

        return with_bytes(self.generate(), self.model.graph)

    @functools.cached_property
    def firmware(self) -> Firmware:
        """The firmware that is measured."""
        built = self.build(self.generated)
        if self.toolbox.settings.keep:
            from pytest_mlbench.firmware.keep import keep

            keep(built, self.toolbox.settings.keep / self.case.name)
        return built

    @functools.cached_property
    def simulation(self) -> Simulation:
        """The run of all samples, or of as many as the settings allow."""
        return self.run(self.firmware, self.samples)

    @functools.cached_property
    def expected(self) -> Golden:
        """The reference's outputs for all samples, also those of operators that libraries bring."""
        return self._golden(self.request())

    def expect(self) -> None:
        """Puts the reference's outputs into the cache, without a compiler. Outputs of operators
        that libraries bring are never cached."""
        request = self.request(compiler="")
        if not self.backend.references(request)[1]:
            self._golden(request)

    def _golden(self, request: GenerateRequest) -> Golden:
        from .validation.golden import golden

        return golden(
            self.model,
            self.toolbox.cache,
            timeout=self.timeout,
            reset=request.resets,
            brought=self.backend.references(request),
        )

    @property
    def samples(self) -> tuple[tuple[bytes, ...], ...]:
        """The samples to run. A target that chooses their number itself gets all of them."""
        every = self.model.samples
        if self.target.chooses_samples:
            return every
        return every[: self.toolbox.settings.samples or None]

    def with_model(self, model: LoadedModel) -> Steps:
        """A chain for the same case, but with another model."""
        other = type(self)(
            self.case, self.toolbox, self.registry, until="run", timeout=self.timeout
        )
        other.__dict__["model"] = model
        return other

    def look(self) -> str:
        """Commands to inspect the firmware on this machine; empty if none was built.

        They are not part of the record, which is the same on every machine.
        """
        if "firmware" not in self.__dict__ or not self.firmware.elf.is_file():
            return ""
        from pytest_mlbench.firmware.keep import commands

        return commands(self.firmware, self.toolchain)

    def request(
        self,
        *,
        profile: bool = False,
        check: bool = False,
        probe: tuple[int, ...] | None = None,
        compiler: str | None = None,
    ) -> GenerateRequest:
        """The request to the backend. `compiler` replaces the name of the case's own."""
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
            check=check,
            probe=probe,
            compiler=self.toolchain.compiler if compiler is None else compiler,
        )

    def generate(self, *, profile: bool = False, check: bool = False) -> Generated:
        """Runs the backend. If it asks for a probe, runs that firmware, then the backend again."""
        generated = self.backend.generate(self.request(profile=profile, check=check))
        if not generated.probe:
            return generated
        firmware = self.build(generated, define="MLBENCH_PROBE")
        numbers = self.run(firmware, ()).probe
        return self.backend.generate(self.request(profile=profile, check=check, probe=numbers))

    def build(self, generated: Generated, *, define: str = "", purpose: str = "") -> Firmware:
        """Builds the firmware from a backend's output. For firmware that is not measured, progress
        and messages name its `purpose`."""
        from pytest_mlbench.firmware import build

        defines: tuple[str, ...] = (define,) if define else ()
        if self.case.config.get("reset") == "on":
            defines += (RESET,)
        self.built_with = self.toolbox.toolchain_for(
            self.isa, generated.components, self._toolchain_choice
        )
        return build.build(
            generated.components,
            target=self.target,
            isa=self.isa,
            optimize=self.case.optimize,
            toolchain=self.built_with,
            cache=self.toolbox.cache,
            defines=defines,
            name=f"{self.case.name} ({purpose})" if purpose else self.case.name,
            lto=self.case.config.get("lto") == "on",
        )

    def run(
        self,
        firmware: Firmware,
        samples: tuple[tuple[bytes, ...], ...],
        *,
        target: Target | None = None,
        outputs: tuple[int, ...] | None = None,
    ) -> Simulation:
        """Runs a firmware of this case.

        `target` and `outputs` (bytes of each output) default to the case's own.
        """
        target = target or self.target
        tensors = self.model.graph.tensors
        if outputs is None:
            outputs = tuple(tensors[index].bytes for index in self.model.graph.outputs)
        title = f"simulating {self.case.name}"
        try:
            with contextlib.nullcontext() if target.chooses_samples else progress.step(title):
                return target.run(
                    firmware.elf,
                    [b"".join(inputs) for inputs in samples],
                    isa=self.isa,
                    outputs=outputs,
                    timeout=self.timeout,
                )
        except SimulationFailed as error:
            # All firmware files have the same name, so the error names the case.
            what = explained(error.what, self.backend.codes)
            remedy = ". ".join(filter(None, (error.remedy, self.background())))
            raise SimulationFailed(what, where=self.case.name, remedy=remedy) from error

    def background(self) -> str:
        """Which code ran, and the known problems of that code."""
        problems = self.backend.known(self.request())
        libraries = self.generated.libraries if "generated" in self.__dict__ else {}
        return background(libraries, problems)
