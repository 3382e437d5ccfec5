"""The hooks by which models, backends, kernel libraries and targets are registered.

Implement any of them in a `conftest.py` or a plugin::

    def pytest_mlbench_models():
        return [Model(name="mine", path=Path(__file__).with_name("mine.tflite"))]

Scripts that run without pytest use the same hooks through `pluggy`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .registry import Backend, KernelLibrary, Model, Target


@pytest.hookspec
def pytest_mlbench_models() -> Iterable[Model]:  # type: ignore[empty-body]
    """Return models that can be asked for by name."""


@pytest.hookspec
def pytest_mlbench_backends() -> Iterable[Backend]:  # type: ignore[empty-body]
    """Return backends: what turns a model into sources."""


@pytest.hookspec
def pytest_mlbench_kernel_libraries() -> Iterable[KernelLibrary]:  # type: ignore[empty-body]
    """Return kernel libraries with the features that select them."""


@pytest.hookspec
def pytest_mlbench_targets() -> Iterable[Target]:  # type: ignore[empty-body]
    """Return targets: what firmware is built for and run on."""
