"""The kernel library `muriscvnn`: muRISCV-NN's code behind CMSIS-NN's interface."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.errors import CompilerLacks, UsageError
from pytest_mlbench.firmware.components import Component
from pytest_mlbench.isa import Isa
from pytest_mlbench.kernels.cmsisnn.library import ArmStyleLibrary
from pytest_mlbench.kernels.interface import Feature

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Layer

FRAGMENT = Path(__file__).with_name("cmake")
LISTS = "Source/CMakeLists.txt"

SUPPORT = "Include/muriscv_nn_support_functions.h"
"""The header that shows how the kernels load words and which RVV intrinsics they use."""

CLANG = 18
"""The oldest LLVM that muRISCV-NN's COMPATIBILITY.md lists for its vector kernels."""

GCC = 13
"""The oldest GCC with RVV intrinsics, version 0.11. GCC 14 has version 1.0, where calls take one
argument more."""


@dataclass(frozen=True, kw_only=True)
class MuriscvLibrary(ArmStyleLibrary):
    """muRISCV-NN, built by its own CMake target; `vext` selects its vector kernels."""

    def lower(self, layer: Layer, context: LowerContext) -> KernelCall | None:
        """As `ArmStyleLibrary.lower`, but None for a layer that this version computes wrongly.

        Raises Unavailable for `vext` without intrinsics.
        """
        self.check_intrinsics(context)
        return None if self._fault(layer, context) else super().lower(layer, context)

    def known(self, layers: Sequence[Layer], context: LowerContext) -> tuple[str, ...]:
        """Known faults with the compiler, and with `layers` if a framework calls the kernels."""
        from . import faults

        compiler = faults.of_compiler(context.compiler, vectors="vext" in context.features)
        found = ((layer, self._fault(layer, context)) for layer in layers)
        return (
            *((f"{self.title}, {compiler}",) if compiler else ()),
            *(
                f"{self.title}, operator {layer.index} {layer.kind}: {fault}"
                for layer, fault in found
                if fault
            ),
        )

    def _fault(self, layer: Layer, context: LowerContext) -> str:
        from . import faults

        words = faults.loads_words(self._support(context.sources))
        return faults.fault(layer, vectors="vext" in context.features, words=words)

    def _support(self, sources: Callable[[str], Path]) -> str:
        """The text of the header; empty if the checkout lacks it, which another check reports."""
        path = sources(self.source) / SUPPORT
        return _text(path, path.stat().st_mtime_ns) if path.is_file() else ""

    def library_component(self, sources: Callable[[str], Path], context: LowerContext) -> Component:
        """The library's own CMake target; its sources are listed so that changes rebuild it."""
        self.check_intrinsics(context)
        folder = sources(self.source)
        if not (folder / LISTS).is_file():
            raise UsageError(
                f"not a checkout of {self.title}: there is no {LISTS}",
                where=str(folder),
                remedy=f"Give the root of a checkout: --mlbench-source {self.source}=PATH",
            )
        lists = sorted((folder / "Source").rglob("CMakeLists.txt"))
        return Component(
            name=self.name,
            sources=(*self.files(folder), *lists),
            headers=self.include_folders(sources),
            defines=self.defines(context),
            options=("-w", *self.machine(context)),
            cmake=FRAGMENT,
            cmake_target="muriscvnn",
            shared=True,
        )

    def machine(self, context: LowerContext) -> tuple[str, ...]:
        """The options for the vector kernels' ISA.

        Other C is compiled for the scalar part of the firmware's ISA, so that `vext` changes only
        this library.
        """
        return (f"-march={Isa.parse(context.isa).assembler}",) if "vext" in context.features else ()

    def defines(self, context: LowerContext) -> tuple[str, ...]:
        """USE_VEXT for the vector kernels; without it the library is portable C."""
        return ("USE_VEXT",) if "vext" in context.features else ()

    def check_intrinsics(self, context: LowerContext) -> None:
        """Checks that the compiler has the RVV intrinsics that the checkout's `vext` kernels use.

        Raises CompilerLacks, which names both.
        """
        match = re.fullmatch(r"(gcc|clang) (\d+)[\d.]*", context.compiler)
        if "vext" not in context.features or match is None:
            return  # an unknown compiler reports missing intrinsics itself
        name, major = match[1], int(match[2])
        newest = 0 if f"__GNUC__ >= {GCC + 1}" in self._support(context.sources) else GCC
        fits = major >= CLANG if name == "clang" else GCC <= major <= (newest or major)
        if fits:
            return
        gcc = f"GCC {GCC}" + ("" if newest else " or newer")
        newer = f", or a newer {self.title} by --mlbench-source {self.source}=PATH"
        if name == "clang" or major < GCC:
            newer = ""
        raise CompilerLacks(
            f"{self.title}'s vector kernels are written in the RVV intrinsics of {gcc} and LLVM "
            f"{CLANG}, and {context.compiler} has none that they can use",
            remedy=f"Use --mlbench-toolchain llvm, or a {gcc} by its prefix{newer}",
        )


@lru_cache(maxsize=16)
def _text(path: Path, _stamp: int) -> str:
    return path.read_text("utf-8", "replace")


MURISCVNN = MuriscvLibrary(
    name="muriscvnn",
    title="muRISCV-NN",
    source="muriscvnn",
    headers=(
        "Include/CMSIS/NN/Include/arm_nnfunctions.h",
        "Include/muriscv_nn_functions.h",
    ),
    includes=("Include", "Include/CMSIS/NN/Include"),
    tflm_includes=("Include", "Include/CMSIS/NN"),
    has="The pinned version of muRISCV-NN",
    features=(
        Feature(
            "muriscvnn",
            "TUM's muRISCV-NN, portable or with vectors",
            library="muriscvnn",
            excludes=("cmsisnn", "tuned"),
        ),
        Feature(
            "vext",
            "the vector extension, V 1.0",
            refines=("muriscvnn",),
            extensions=("v",),
        ),
    ),
    trials=(("muriscvnn",), ("muriscvnn", "vext")),
)
"""Its compatibility headers map CMSIS-NN's names to its own by macros."""
