"""What comes with the plugin, registered by the same hooks as anybody's own.

Each function imports what it names when it is asked, so that a project that runs no benchmark
pays for none of it. A new model, backend, kernel library or target is one line here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .registry import Backend, KernelLibrary, Model, Target


@pytest.hookimpl
def pytest_mlbench_models() -> Iterable[Model]:
    """The four models of MLPerf Tiny."""
    from .models.zoo import MODELS

    return MODELS


@pytest.hookimpl
def pytest_mlbench_backends() -> Iterable[Backend]:
    """aot."""
    from .backends.aot.backend import AotBackend

    return [AotBackend()]


@pytest.hookimpl
def pytest_mlbench_kernel_libraries() -> Iterable[KernelLibrary]:
    """The reference kernels."""
    from .kernels.reference.library import ReferenceLibrary

    return [ReferenceLibrary()]


@pytest.hookimpl
def pytest_mlbench_targets() -> Iterable[Target]:
    """The RISC-V simulator Spike."""
    from .targets.spike.target import SpikeTarget

    return [SpikeTarget()]
