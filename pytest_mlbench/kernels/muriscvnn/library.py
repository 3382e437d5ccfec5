"""The kernel library `muriscvnn`: CMSIS-NN's interface, muRISCV-NN's code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.errors import CannotRun, UserMistake
from pytest_mlbench.firmware.parts import Part
from pytest_mlbench.isa import Isa
from pytest_mlbench.kernels.cmsisnn.library import ArmStyleLibrary
from pytest_mlbench.kernels.interface import Feature

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Layer

FRAGMENT = Path(__file__).with_name("cmake")
LISTS = "Source/CMakeLists.txt"

_INTRINSICS = {"gcc": 13, "clang": 18}
"""The oldest major versions that muRISCV-NN's COMPATIBILITY.md lists for its vector kernels, which
are written in RVV intrinsics."""


@dataclass(frozen=True)
class MuriscvLibrary(ArmStyleLibrary):
    """muRISCV-NN, built by its own CMake target; `vext` selects its vector kernels."""

    def lower(self, layer: Layer, context: LowerContext) -> KernelCall | None:
        """As `ArmStyleLibrary.lower`. Raises CannotRun for `vext` without intrinsics."""
        check_intrinsics(context)
        return super().lower(layer, context)

    def library_part(self, sources: Callable[[str], Path], context: LowerContext) -> Part:
        """The library's own target; its sources are named so that the build follows them."""
        check_intrinsics(context)
        folder = sources(self.source)
        if not (folder / LISTS).is_file():
            raise UserMistake(
                f"not a checkout of {self.title}: there is no {LISTS}",
                where=str(folder),
                remedy=f"Give the root of one as --mlbench-source {self.source}=PATH",
            )
        lists = sorted((folder / "Source").rglob("CMakeLists.txt"))
        return Part(
            name=self.name,
            sources=(*self.files(folder), *lists),
            headers=self.include_folders(sources),
            defines=self.defines(context),
            options=("-w", *self.machine(context)),
            cmake=FRAGMENT,
            target="muriscvnn",
            shared=True,
        )

    def machine(self, context: LowerContext) -> tuple[str, ...]:
        """The vector kernels' ISA: C is otherwise compiled for the scalar part of the firmware's,
        so that `vext` changes this library and nothing else."""
        return (f"-march={Isa.parse(context.isa).assembler}",) if "vext" in context.features else ()

    def defines(self, context: LowerContext) -> tuple[str, ...]:
        """USE_VEXT for the vector kernels; without it the library is portable C."""
        return ("USE_VEXT",) if "vext" in context.features else ()


def check_intrinsics(context: LowerContext) -> None:
    """`vext` needs a compiler that has the RVV intrinsics. Raises CannotRun naming both."""
    if "vext" not in context.features:
        return
    match = re.fullmatch(r"(\w+) (\d+)[\d.]*", context.compiler)
    if match is None:
        return  # not known: the compiler itself will say
    name, major = match[1], int(match[2])
    needed = _INTRINSICS.get(name)
    if needed is not None and major < needed:
        raise CannotRun(
            f"muRISCV-NN's vector kernels are written in RVV intrinsics, and {context.compiler} "
            "has none that they can use",
            remedy=f"Give a compiler that does, {name} {needed} or newer, by --mlbench-toolchain",
        )


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
