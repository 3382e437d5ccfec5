"""What a kernel library provides for building TensorFlow Lite Micro's kernels with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_mlbench.firmware.components import Component
    from pytest_mlbench.models.operators.layers import Layer

    from .interface import LowerContext


@dataclass(frozen=True)
class TflmKernels:
    """How TFLM's `kernels/cmsis_nn` are compiled and linked with a library.

    `headers` are folders for `-I`, after TFLM's own; `defines` are added to TFLM's; `components`
    are the library's own components.
    """

    headers: tuple[Path, ...]
    defines: tuple[str, ...]
    components: tuple[Component, ...]


@runtime_checkable
class TflmLibrary(Protocol):
    """A kernel library that TFLM's CMSIS-NN kernels can be built with.

    It has the functions that they call, under CMSIS-NN's names. The backend `tflmi` can use any
    library with these members.
    """

    @property
    def name(self) -> str:
        """The name in records and tables."""
        ...

    def tflm_kernels(self, context: LowerContext) -> TflmKernels:
        """What to compile.

        Raises UsageError for a checkout of something else, Unavailable if the source or a suitable
        compiler is missing.
        """
        ...

    def version(self, context: LowerContext) -> str:
        """The pinned commit, or the identity of a local checkout."""
        ...

    def known(self, layers: Sequence[Layer], context: LowerContext) -> tuple[str, ...]:
        """Known faults with `layers` if a framework calls the kernels itself."""
        ...
