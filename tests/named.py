"""Backends and kernel libraries that only have what a test gives them and never do anything."""

from __future__ import annotations

from typing import Any

from pytest_mlbench.backends.interface import Backend
from pytest_mlbench.kernels.interface import KernelLibrary


class NamedBackend(Backend):
    """A backend with these attributes."""

    def __init__(self, name: str, **attributes: Any) -> None:
        self.name = name
        self.__dict__.update(attributes)

    def generate(self, request: Any) -> Any:
        """Is never called."""
        raise AssertionError(request)


class NamedLibrary(KernelLibrary):
    """A kernel library with these attributes."""

    def __init__(self, name: str, **attributes: Any) -> None:
        self.name = name
        self.__dict__.update(attributes)

    def lower(self, layer: Any, context: Any) -> Any:
        """Is never called."""
        raise AssertionError(layer)

    def components(self, kernels: Any, context: Any) -> Any:
        """Is never called."""
        raise AssertionError(kernels)
