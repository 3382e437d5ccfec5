"""The kernel library `cmsisnn`, and the base class of libraries with the same interface."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.errors import UsageError
from pytest_mlbench.firmware.components import Component
from pytest_mlbench.kernels.interface import Feature, KernelLibrary
from pytest_mlbench.kernels.tflm import TflmKernels

from . import headers
from .initialisers import PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Layer

ADAPTER = Path(__file__).with_name("adapter")

OPTIONAL = ("arm_fully_connected_per_channel_s8",)
"""Kernels that older versions lack; the reference kernel is used instead."""


@dataclass(frozen=True, kw_only=True)
class ArmStyleLibrary(KernelLibrary):
    """A library with CMSIS-NN's int8 interface.

    source         its name in the pins and for `--mlbench-source`
    headers        the headers that declare its functions
    includes       folders for `-I`
    tflm_includes  folders for `-I` for TFLM's kernels, which include "Include/arm_nnfunctions.h"
    has            the version that is known to declare all functions
    """

    name: str
    title: str
    source: str
    headers: tuple[str, ...]
    includes: tuple[str, ...]
    tflm_includes: tuple[str, ...]
    has: str
    features: tuple[Feature, ...]
    trials: tuple[tuple[str, ...], ...] = ()
    """The feature sets that users build it with; `doctor --sources` builds each once."""

    def functions(self, context: LowerContext) -> dict[str, str]:
        """Kernel -> C function of its adapter, for every kernel that this checkout has.

        Raises UsageError if the checkout is another library or lacks a function.
        """
        from .calls import FUNCTIONS

        known = self.declared(context.sources)
        return {
            kernel: f"{PREFIX}{kernel}"
            for kernel in sorted(FUNCTIONS)
            if self._has(kernel, known, context)
        }

    def lower(self, layer: Layer, context: LowerContext) -> KernelCall | None:
        """The adapter's call, or None if the library's documentation does not cover the layer.

        Raises UsageError if the checkout is another library or lacks a function.
        """
        from .calls import call

        found = call(layer, self.name)
        if found is None:
            return None
        known = self.declared(context.sources)
        return found if self._has(found.kernel, known, context) else None

    def _has(self, kernel: str, known: Collection[str], context: LowerContext) -> bool:
        """Are the functions that the adapter calls declared? False if one lacks that not every
        version has; raises UsageError if another one lacks."""
        from .calls import FUNCTIONS

        missing = [name for name in FUNCTIONS[kernel] if name not in known]
        if set(missing) & set(OPTIONAL):
            return False
        if missing:
            raise UsageError(
                f"{self.title} does not declare {missing[0]}, which its adapter calls",
                where=str(context.sources(self.source) / self.headers[0]),
                remedy=f"{self.has} has it",
            )
        return True

    def components(self, kernels: frozenset[str], context: LowerContext) -> tuple[Component, ...]:
        """The complete library, shared between firmware, and the adapters of `kernels`."""
        if not kernels:
            return ()
        known = self.declared(context.sources)
        return (
            self.library_component(context.sources, context),
            Component(
                name=f"{self.name}_adapter",
                sources=tuple(
                    sorted({ADAPTER / f"{name}.c" for name in _files(kernels)} | {REFUSED})
                ),
                headers=(ADAPTER, *self.include_folders(context.sources)),
                public=True,
                defines=(f"MLBENCH_VECTOR_SUM_PARAMETERS={known.get('arm_vector_sum_s8', 0)}",),
            ),
        )

    def version(self, context: LowerContext) -> str:
        """The pinned commit, or the identity of a local checkout."""
        from pytest_mlbench.provision.identity import version

        return version(self.source, context.sources(self.source))

    def tflm_kernels(self, context: LowerContext) -> TflmKernels:
        """TFLM's CMSIS-NN kernels with this library. Raises UsageError for another checkout."""
        root = context.sources(self.source)
        self.declared(context.sources)
        return TflmKernels(
            headers=tuple(root / include for include in self.tflm_includes),
            defines=("CMSIS_NN", *self.defines(context)),
            components=(self.library_component(context.sources, context),),
        )

    def declared(self, sources: Callable[[str], Path]) -> dict[str, int]:
        """Function in the checkout -> number of its parameters."""
        folder = sources(self.source)
        self._refuse_old(folder)
        return dict(headers.declared(folder, self.headers, title=self.title, option=self.source))

    def _refuse_old(self, folder: Path) -> None:
        """Refuses CMSIS-NN up to 4.0, which includes CMSIS-Core and so only compiles for Arm."""
        old = folder / "Include" / "arm_nn_math_types.h"
        if old.is_file() and "cmsis_compiler.h" in old.read_text("utf-8", "replace"):
            raise UsageError(
                f"this {self.title} is older than 4.1: it includes cmsis_compiler.h of CMSIS-Core, "
                "which is for Arm only",
                where=str(old),
                remedy=f"Give 4.1 or newer as --mlbench-source {self.source}=PATH, or leave that "
                "option out: 6.0.0 is pinned",
            )

    def library_component(self, sources: Callable[[str], Path], context: LowerContext) -> Component:
        """The library itself, from all its integer sources."""
        folder = sources(self.source)
        return Component(
            name=self.name,
            sources=self.files(folder),
            headers=self.include_folders(sources),
            defines=self.defines(context),
            options=("-w",),  # its warnings do not concern our users
            shared=True,
        )

    def include_folders(self, sources: Callable[[str], Path]) -> tuple[Path, ...]:
        """The folders for `-I`."""
        return tuple(sources(self.source) / include for include in self.includes)

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The C files that TFLM's build uses too, without Python bindings and floating point."""
        paths = sorted(
            path
            for path in (folder / "Source").rglob("*.c")
            if "Bindings" not in path.relative_to(folder).parts
            and not path.stem.endswith(("_f16", "_f32", "_flt"))
        )
        if not paths:
            raise UsageError(
                f"not a checkout of {self.title}: there are no C files in Source",
                where=str(folder),
                remedy=f"Give the root of a checkout: --mlbench-source {self.source}=PATH",
            )
        return tuple(paths)

    def defines(self, context: LowerContext) -> tuple[str, ...]:
        """The macros that the library is compiled with."""
        del context
        return ()


REFUSED = ADAPTER / "refused.c"


def _files(kernels: frozenset[str]) -> frozenset[str]:
    """The adapters' files, named after kernels; per-channel FULLY_CONNECTED needs one more file for
    its setup."""
    shared = {"fully_connected"} if "fully_connected_per_channel" in kernels else set()
    return kernels | shared


CMSISNN = ArmStyleLibrary(
    name="cmsisnn",
    title="CMSIS-NN",
    source="cmsisnn",
    headers=("Include/arm_nnfunctions.h",),
    includes=("Include",),
    tflm_includes=("", "Include"),
    has="The pinned version, CMSIS-NN 6.0.0,",
    features=(
        Feature(
            "cmsisnn",
            "Arm's CMSIS-NN as portable C",
            library="cmsisnn",
            excludes=("muriscvnn", "tuned"),
        ),
    ),
    trials=(("cmsisnn",),),
)
"""CMSIS-NN as portable C: on RISC-V neither ARM_MATH_DSP nor ARM_MATH_MVEI is set."""
