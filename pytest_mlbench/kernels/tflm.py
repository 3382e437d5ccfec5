"""What a kernel library gives to TensorFlow Lite Micro's own variants of its kernels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_mlbench.firmware.components import Component

    from .interface import LowerContext


@dataclass(frozen=True)
class TflmKernels:
    """How TFLM's `kernels/cmsis_nn` are compiled and linked with a library.

    `headers` are folders for `-I`, behind TFLM's own; `defines` are added to TFLM's; `components`
    are the library's own components.
    """

    headers: tuple[Path, ...]
    defines: tuple[str, ...]
    components: tuple[Component, ...]


@runtime_checkable
class TflmLibrary(Protocol):
    """A kernel library that TFLM's CMSIS-NN kernels can be built with: it has the functions that
    they call, under CMSIS-NN's names. Any library with these two members can be used by backend
    `tflmi`."""

    @property
    def name(self) -> str:
        """The name in records and tables."""
        ...

    def tflm_kernels(self, context: LowerContext) -> TflmKernels:
        """What is to be compiled. Raises UsageError for a checkout of something else, Unavailable
        when the source or a compiler for it is not to be had."""
        ...

    def version(self, context: LowerContext) -> str:
        """The pinned commit, or what a local checkout is."""
        ...
