"""The `tflmi` backend: TensorFlow Lite Micro's interpreter.

What it needs to generate a firmware is imported only then.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pytest_mlbench.backends.interface import Backend
from pytest_mlbench.kernels.tflm import TflmLibrary

from .tree import SOURCE, THIRD_PARTIES

if TYPE_CHECKING:
    from pytest_mlbench.backends.interface import Generated, GenerateRequest
    from pytest_mlbench.kernels.interface import KernelLibrary


class TflmiBackend(Backend):
    """TensorFlow Lite Micro's interpreter with its own, CMSIS-NN's or muRISCV-NN's kernels."""

    name = "tflmi"
    config = ("arena",)
    sources = (SOURCE, *THIRD_PARTIES)
    trials = ((),)
    """Trial builds: once with its own kernels, and once with each library that it takes."""
    codes = MappingProxyType(
        {
            1: "the model's schema version is not TFLM's",
            2: "an operator could not be registered",
            3: "AllocateTensors() failed: TFLM cannot set this model up",
            4: "Invoke() failed",
            5: "no arena that was tried is large enough",
            6: "Reset() failed",
        }
    )

    def takes(self, library: KernelLibrary) -> bool:
        """Can TFLM's kernels be built with `library`?"""
        return isinstance(library, TflmLibrary)

    def known(self, request: GenerateRequest) -> tuple[str, ...]:
        """Known problems of this model with this library."""
        from .generation import known

        return known(request)

    def generate(self, request: GenerateRequest) -> Generated:
        """The components for `request`: first a probing firmware, then one with the arena size that
        the first reported.

        Raises UsageError for an operator without a kernel or a checkout with an unexpected
        structure, Unavailable if a source cannot be fetched.
        """
        from .generation import generate

        return generate(request)
