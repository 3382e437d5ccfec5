"""The reference kernels: every layer the `aot` backend knows, in plain C.

Other libraries can take over any of these calls by changing `function`, `library` and `header`:
the structs of `mlbench_kernels.h` hold what they need as well.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.firmware.parts import Part

from . import (
    activation,
    convolution,
    copies,
    elementwise,
    fully_connected,
    images,
    moves,
    pooling,
    quantize,
    recurrent,
    reduction,
)
from .kernel import NAME

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import Feature, KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Layer

FAMILIES = (
    activation,
    convolution,
    copies,
    elementwise,
    fully_connected,
    images,
    moves,
    pooling,
    quantize,
    recurrent,
    reduction,
)
"""One module per family of kernels, beside its C files; a new family is one line here."""

KERNELS = {kernel.layer: kernel for family in FAMILIES for kernel in family.KERNELS}

SOURCES = {name: file for kernel in KERNELS.values() for name, file in kernel.sources.items()}
"""Kernel -> the file that holds it. The C function is `mlbench_reference_<kernel>`."""


class ReferenceLibrary:
    """Covers every layer kind, so that it can stand behind any other library."""

    name = NAME
    features: tuple[Feature, ...] = ()

    def lower(self, layer: Layer, context: LowerContext) -> KernelCall | None:
        """The call for `layer`; None for a class of layers that is not ours."""
        del context
        kernel = KERNELS.get(type(layer))
        return kernel.call(layer) if kernel else None

    def parts(self, kernels: frozenset[str], context: LowerContext) -> tuple[Part, ...]:
        """The files of the kernels that are called, and no other."""
        del context
        folder = Path(__file__).parent
        files = sorted({SOURCES[kernel] for kernel in kernels})
        return (
            Part(
                name=NAME,
                sources=tuple(folder / file for file in files),
                headers=(folder.parent / "include",),
                public=True,
            ),
        )
