"""The `aot` backend: compiles a model to C ahead of time, with kernels from any library.

What it needs for that is imported only when a model is compiled.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_mlbench.backends.interface import Backend
from pytest_mlbench.kernels.interface import PREFER, PREFERENCES

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.backends.interface import Generated, GenerateRequest


class AotBackend(Backend):
    """Ahead-of-time C generation. Pure: the same request gives the same text."""

    name = "aot"
    checks = True
    config = (PREFER,)
    values = MappingProxyType({PREFER: PREFERENCES})

    def generate(self, request: GenerateRequest) -> Generated:
        """The components for `request.graph`.

        Raises UsageError that names every operator that is not covered.
        """
        from .generation import generate

        return generate(request)

    def known(self, request: GenerateRequest) -> tuple[str, ...]:
        """Known problems of the libraries with the compiler. Layers that a library gets wrong run
        on other kernels."""
        libraries = (library for library in request.libraries if hasattr(library, "known"))
        return sum((tuple(each.known((), request.context)) for each in libraries), ())

    def references(self, request: GenerateRequest) -> tuple[str, dict[int, Callable[..., Any]]]:
        """The references of operators that libraries bring (see `brought.references`)."""
        from pytest_mlbench.models.operators.fold import fold

        from . import brought

        return brought.references(fold(request.graph), request.libraries, request.context)
