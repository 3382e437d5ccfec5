"""The reference kernels: every layer the `aot` backend knows, in plain C.

Other libraries can take over any of these calls by changing `function`, `library` and `header`:
the structs of `mlbench_kernels.h` hold what they need as well.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.errors import CompilerLacks
from pytest_mlbench.firmware.components import Component
from pytest_mlbench.isa import Isa
from pytest_mlbench.kernels.interface import Feature

from . import (
    activation,
    convolution,
    copies,
    elementwise,
    fully_connected,
    images,
    int16,
    moves,
    pairs,
    pooling,
    quantize,
    recurrent,
    reduction,
    softmax,
    sums,
)
from .kernel import NAME

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Layer

FAMILIES = (
    activation,
    convolution,
    copies,
    elementwise,
    fully_connected,
    images,
    int16,
    moves,
    pairs,
    pooling,
    quantize,
    recurrent,
    reduction,
    softmax,
    sums,
)
"""One module per family of kernels, beside its C files; a new family is one line here."""

KERNELS = {kernel.layer: kernel for family in FAMILIES for kernel in family.KERNELS}

SOURCES = {name: file for kernel in KERNELS.values() for name, file in kernel.sources.items()}
"""Kernel -> the file that holds it. The C function is `mlbench_reference_<kernel>`."""


VECTORISES = {"gcc": 14, "clang": 17}
"""The oldest major versions that vectorise loops for V 1.0."""


class ReferenceLibrary:
    """Covers every layer kind, so that it can stand behind any other library."""

    name = NAME
    features: tuple[Feature, ...] = (
        Feature(
            "autovec",
            "the reference kernels, vectorised by the compiler",
            library=NAME,
            excludes=("cmsisnn", "muriscvnn", "tuned"),
            extensions=("v",),
        ),
    )

    def lower(self, layer: Layer, context: LowerContext) -> KernelCall | None:
        """The call for `layer`; None for a class of layers that is not ours."""
        del context
        kernel = KERNELS.get(type(layer))
        return kernel.call(layer) if kernel else None

    def components(self, kernels: frozenset[str], context: LowerContext) -> tuple[Component, ...]:
        """The files of the kernels that are called, and no other.

        Raises CompilerLacks for `autovec` with a compiler that does not vectorise for RISC-V.
        """
        options: tuple[str, ...] = ()
        if "autovec" in context.features:
            check_vectoriser(context.compiler)
            options = (f"-march={Isa.parse(context.isa).assembler}",)
        folder = Path(__file__).parent
        files = sorted({SOURCES[kernel] for kernel in kernels})
        return (
            Component(
                name=NAME,
                sources=tuple(folder / file for file in files),
                headers=(folder.parent / "include",),
                public=True,
                options=options,
            ),
        )


def check_vectoriser(compiler: str) -> None:
    """Refuse a compiler that makes no vector instructions of C loops. One that is not known may
    try."""
    name, _, version = compiler.partition(" ")
    major = int(version.partition(".")[0] or 0) if version[:1].isdigit() else 0
    if name in VECTORISES and major < VECTORISES[name]:
        raise CompilerLacks(
            f"{compiler} makes no RISC-V vector instructions of C loops",
            remedy="Take --mlbench-toolchain llvm, or a GCC of 14 or newer by its prefix",
        )
