"""The steps of one case: load, generate, build, simulate. Each is done once, when asked for."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING

from pytest_mlbench import progress
from pytest_mlbench.backends.interface import GenerateRequest
from pytest_mlbench.errors import (
    SimulationFailed,
)

from .explain import background, explained
from .rules import effective_isa

if TYPE_CHECKING:
    from pytest_mlbench.backends.interface import Generated
    from pytest_mlbench.case import Case
    from pytest_mlbench.firmware.components import Firmware
    from pytest_mlbench.firmware.target import Simulation, Target
    from pytest_mlbench.kernels.interface import KernelLibrary
    from pytest_mlbench.models.load import LoadedModel
    from pytest_mlbench.provision.toolchain import Toolchain

    from .registry import Registry
    from .toolbox import Toolbox

RESET = "MLBENCH_RESET"
"""With it the firmware's main resets the state after each sample."""

REFERENCE = "reference"
"""The kernel library that stands behind every other."""


class Steps:
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
        self.built_with: Toolchain | None = None
        """As `toolchain`, with what C++ takes."""

    @functools.cached_property
    def isa(self) -> str:
        """The ISA that the firmware may use, features' extensions included."""
        return effective_isa(self.case, self.registry)

    @functools.cached_property
    def target(self) -> Target:
        """The target, with the simulator that the settings name and the case's own settings."""
        target = self.toolbox.target(self.registry.target_of(self.case))
        return target.for_case(self.case.config, self.toolbox.settings.samples, self.case.name)

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
        """The run of all samples, or as many as the settings say."""
        return self.run(self.firmware, self.samples)

    @property
    def samples(self) -> tuple[tuple[bytes, ...], ...]:
        """The samples to run. A target that looks at their number itself is given all of them."""
        every = self.model.samples
        if self.target.chooses_samples:
            return every
        return every[: self.toolbox.settings.samples or None]

    def with_model(self, model: LoadedModel) -> Steps:
        """The chain of the same case with another model."""
        other = type(self)(
            self.case, self.toolbox, self.registry, until="run", timeout=self.timeout
        )
        other.__dict__["model"] = model
        return other

    def look(self) -> str:
        """How to look into the firmware, for a person at this machine; empty when none was built.
        Not in the record, which is the same everywhere."""
        if "firmware" not in self.__dict__ or not self.firmware.elf.is_file():
            return ""
        from pytest_mlbench.firmware.keep import commands

        return commands(self.firmware, self.toolchain)

    def request(
        self, *, profile: bool = False, check: bool = False, probe: tuple[int, ...] | None = None
    ) -> GenerateRequest:
        """What the backend is asked."""
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
            compiler=self.toolchain.compiler,
        )

    def generate(self, *, profile: bool = False, check: bool = False) -> Generated:
        """What the backend makes of the model; probed first where it asks for that."""
        backend = self.registry.backend(self.case.backend)
        made = backend.generate(self.request(profile=profile, check=check))
        if not made.probe:
            return made
        firmware = self.build(made, define="MLBENCH_PROBE")
        numbers = self.run(firmware, ()).probe
        return backend.generate(self.request(profile=profile, check=check, probe=numbers))

    def build(self, made: Generated, *, define: str = "") -> Firmware:
        """The firmware of what a backend made."""
        from pytest_mlbench.firmware import build

        defines: tuple[str, ...] = (define,) if define else ()
        if self.case.config.get("reset") == "on":
            defines += (RESET,)
        self.built_with = self.toolbox.toolchain_for(self.isa, made.components, self._choice)
        return build.build(
            made.components,
            target=self.target,
            isa=self.isa,
            optimize=self.case.optimize,
            toolchain=self.built_with,
            cache=self.toolbox.cache,
            defines=defines,
            name=self.case.name,
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
        """Run a firmware of this case. `target` and `outputs` (bytes of each) are the case's own
        unless given."""
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
            # Every firmware's file is called the same: the case says which one it is.
            codes = getattr(self.registry.backend(self.case.backend), "codes", {})
            what = explained(error.what, codes)
            remedy = ". ".join(filter(None, (error.remedy, self.background())))
            raise SimulationFailed(what, where=self.case.name, remedy=remedy) from error

    def background(self) -> str:
        """What a person needs to judge a failure: which code ran, and what is known about it."""
        known = getattr(self.registry.backend(self.case.backend), "known", None)
        told = known(self.request()) if known is not None else ()
        return background(self.generated.libraries if "generated" in self.__dict__ else {}, told)
