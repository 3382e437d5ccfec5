"""A chain without tools, for tests of everything around it. What it returns is made up.

Models decide what happens: `good` passes, the others fail in the step they are named after.
"""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest_mlbench.measure.chain as pipeline
from pytest_mlbench.backends.interface import Generated
from pytest_mlbench.errors import BuildFailed, OutputMismatch, SimulationFailed, Unavailable
from pytest_mlbench.firmware.components import Firmware
from pytest_mlbench.firmware.target import Counters, Simulation
from pytest_mlbench.kernels.interface import Feature, KernelLibrary
from pytest_mlbench.models.model import Model

MODELS = (*("good", "other", "missing", "broken", "trapping", "wrong", "crashing", "raising"),)


class FakeChain(pipeline.Chain):
    """The real order of steps and the real record; each step is replaced."""

    @functools.cached_property
    def model(self) -> Any:
        if self.case.model == "missing":
            raise Unavailable("a thing is not here", remedy="Install the thing")
        return SimpleNamespace(sha256="00" * 32)

    @functools.cached_property
    def toolchain(self) -> Any:
        return SimpleNamespace(identity="fake gcc 1.0", version="1.0")

    @functools.cached_property
    def target(self) -> Any:
        name = super().target.name
        return SimpleNamespace(name=name, versions=lambda: {name: "fake spike 1.0"})

    @functools.cached_property
    def generated(self) -> Generated:
        row = {"index": 0, "name": "CONV_2D", "kernel": "conv2d", "library": "reference"}
        return Generated(
            components=(), operators=({**row, "macs": 100, "shape": "1"},), arena_peak=64
        )

    @functools.cached_property
    def firmware(self) -> Firmware:
        self.model, self.toolchain, self.generated  # noqa: B018
        if self.case.model == "broken":
            raise BuildFailed("kernel.c:3: error: expected ';'", where=self.case.name)
        digest = hashlib.sha256(self.case.name.encode()).hexdigest()
        flags = {"model": (f"-O{self.case.optimize}",)}
        return Firmware(Path("f.elf"), digest, Path("f.map"), flags, Path("cc.json"))

    @functools.cached_property
    def sizes(self) -> dict[str, int]:
        self.firmware  # noqa: B018
        size = 1000 + len(self.case.name) + int(os.environ.get("FAKE_GROWTH", "0"))
        return {"rom_code": size, "rom_total": 2 * size, "ram_total": 300, "macs": 100}

    @functools.cached_property
    def simulation(self) -> Simulation:
        if self.case.model == "crashing":
            os._exit(3)
        if self.case.model == "trapping":
            raise SimulationFailed("illegal instruction at 0x80000010", where=self.case.name)
        if self.case.model == "raising":
            raise ZeroDivisionError("a bug")
        run = Counters(12_345 + len(self.case.name), 12_345)
        return Simulation(Counters(6, 6), (run, run), ((b"",), (b"",)), stack_peak=99)

    def validate(self) -> None:
        wrong = self.case.model == "wrong"
        self.validation = {"samples": 2, "matched": 2 - wrong, "reference": "fake"}
        if wrong:
            raise OutputMismatch("sample 1, element 3: got 4, expected 5", where=self.case.name)

    @functools.cached_property
    def footprint(self) -> Any:
        row = {"name": "f", "component": "model", "section": ".text", "size": 1000}
        return {"model": {"rom": 1000, "ram": 0}}, (row,)


class FakeLibrary(KernelLibrary):
    """A kernel library that is never asked for a kernel."""

    name = "fake"
    features = (
        Feature("quick", "quick kernels", library="fake", config=("speed",)),
        Feature("vector", "vectors", library="fake", requires=("quick",), extensions=("v",)),
        Feature("small", "small kernels", library="fake", excludes=("quick",)),
    )

    def lower(self, layer: Any, context: Any) -> None:
        raise AssertionError

    def components(self, kernels: Any, context: Any) -> Any:
        raise AssertionError


def pytest_mlbench_models() -> list[Model]:
    return [Model(name=name, build=lambda: b"") for name in MODELS]


def pytest_mlbench_kernel_libraries() -> list[Any]:
    return [FakeLibrary()]


pipeline.Chain = FakeChain  # type: ignore[misc]
