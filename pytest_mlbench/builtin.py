"""What comes with the plugin, registered by the same hooks as anybody's own.

Each function imports what it names when it is asked, so that a project that runs no benchmark
pays for none of it. A new model, backend, kernel library or target is one line here.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .backends.interface import Backend
    from .firmware.target import Target
    from .kernels.interface import KernelLibrary
    from .models.model import Model
    from .provision.pins import GitPin
    from .records.extension import Finisher, Judge
    from .settings import Settings


@pytest.hookimpl
def pytest_mlbench_models() -> Iterable[Model]:
    """The four models of MLPerf Tiny."""
    from .models.zoo import MODELS

    return MODELS


@pytest.hookimpl
def pytest_mlbench_backends() -> Iterable[Backend]:
    """aot and tflmi."""
    from .backends.aot.backend import AotBackend
    from .backends.tflmi.backend import TflmiBackend

    return [AotBackend(), TflmiBackend()]


@pytest.hookimpl
def pytest_mlbench_kernel_libraries() -> Iterable[KernelLibrary]:
    """The reference kernels, the tuned ones, CMSIS-NN and muRISCV-NN."""
    from .kernels.cmsisnn import CMSISNN
    from .kernels.muriscvnn import MURISCVNN
    from .kernels.reference.library import ReferenceLibrary
    from .kernels.tuned.library import TunedLibrary

    return [CMSISNN, MURISCVNN, ReferenceLibrary(), TunedLibrary()]


@pytest.hookimpl
def pytest_mlbench_targets() -> Iterable[Target]:
    """The RISC-V simulator Spike."""
    from .firmware.targets.spike.target import SpikeTarget

    return [SpikeTarget()]


@pytest.hookimpl
def pytest_mlbench_sources() -> Iterable[GitPin]:
    """TensorFlow Lite Micro with its third parties, CMSIS-NN and muRISCV-NN."""
    from .provision.pins import pins

    return pins().sources.values()


@pytest.hookimpl
def pytest_mlbench_judges(
    settings: Settings, state: Mapping[str, Any] | None
) -> Iterable[tuple[str, Judge]]:
    """The gate, where there is a baseline."""
    if settings.extra.get("baseline") is None and not settings.extra.get("save"):
        return []
    from .records.gate import judge

    gate = judge.make(settings, state.get("gate") if state else None, sys.argv[1:])
    return [("gate", gate)] if gate else []


@pytest.hookimpl
def pytest_mlbench_finishers(judges: Mapping[str, Judge]) -> Iterable[Finisher]:
    """The gate's summary and baseline file, then the written reports."""
    from .records.gate.judge import Gate
    from .records.report.write import Writer

    gate = judges.get("gate")
    return [gate, Writer(gate)] if isinstance(gate, Gate) else [Writer()]
