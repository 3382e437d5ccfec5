"""The reference kernels: every layer that the `aot` backend supports, in plain C.

Other libraries can reuse any of these calls by changing `function`, `library` and `header`; the
structs in `mlbench_kernels.h` contain what their kernels need too. The families are imported when
the first layer is lowered.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.errors import CompilerLacks
from pytest_mlbench.firmware.components import Component
from pytest_mlbench.isa import Isa
from pytest_mlbench.kernels.interface import Feature, KernelLibrary

from . import NAME

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Layer

VECTORISES = {"gcc": 14, "clang": 17}
"""The oldest major versions of compilers that vectorise loops for V 1.0."""


class ReferenceLibrary(KernelLibrary):
    """Covers every kind of layer, so that it can back up any other library."""

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
        """The call for `layer`; None for an unknown class of layers."""
        from .families import KERNELS

        del context
        kernel = KERNELS.get(type(layer))
        return kernel.call(layer) if kernel else None

    def components(self, kernels: frozenset[str], context: LowerContext) -> tuple[Component, ...]:
        """The files of the kernels that are called, and no others.

        Raises CompilerLacks for `autovec` with a compiler that does not vectorise for RISC-V.
        """
        from .families import SOURCES

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
    """Refuses a compiler that does not vectorise loops for RISC-V; accepts unknown compilers."""
    name, _, version = compiler.partition(" ")
    major = int(version.partition(".")[0] or 0) if version[:1].isdigit() else 0
    if name in VECTORISES and major < VECTORISES[name]:
        raise CompilerLacks(
            f"{compiler} does not vectorise C loops for RISC-V",
            remedy="Use --mlbench-toolchain llvm, or GCC 14 or newer by its prefix",
        )
