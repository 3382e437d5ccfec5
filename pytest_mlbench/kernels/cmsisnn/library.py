"""The kernel library `cmsisnn`, and what it shares with every library of its interface."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.errors import UsageError
from pytest_mlbench.firmware.components import Component
from pytest_mlbench.kernels.interface import Feature
from pytest_mlbench.kernels.tflm import TflmKernels
from pytest_mlbench.provision.identity import version

from . import calls, headers

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Layer

ADAPTER = Path(__file__).with_name("adapter")

OPTIONAL = ("arm_fully_connected_per_channel_s8",)
"""What older versions lack: without it the reference kernel is used."""


@dataclass(frozen=True)
class ArmStyleLibrary:
    """A library with CMSIS-NN's int8 interface.

    `source` is its name in the pins and for `--mlbench-source`; `headers` declare its functions;
    `includes` are the folders for `-I`, and `tflm_includes` those for TFLM's own kernels, which
    include "Include/arm_nnfunctions.h"; `has` is the version that is known to declare everything.
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
    """Sets of features with which users build it; `doctor --sources` builds each once."""

    @property
    def kernels(self) -> frozenset[str]:
        """The names of all its kernels."""
        return frozenset(calls.FUNCTIONS)

    def lower(self, layer: Layer, context: LowerContext) -> KernelCall | None:
        """The adapter's call, None where the library's documentation does not cover the layer.

        Raises UsageError when the checkout is another library, or lacks a function.
        """
        found = calls.call(layer, self.name)
        if found is None:
            return None
        known = self.declared(context.sources)
        missing = [name for name in calls.FUNCTIONS[found.kernel] if name not in known]
        if set(missing) & set(OPTIONAL):
            return None
        if missing:
            raise UsageError(
                f"{self.title} declares no {missing[0]}, which its adapter calls",
                where=str(context.sources(self.source) / self.headers[0]),
                remedy=f"{self.has} has it",
            )
        return found

    def components(self, kernels: frozenset[str], context: LowerContext) -> tuple[Component, ...]:
        """The library, whole and shared between firmware, and the adapters of `kernels`."""
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
        """The pinned commit, or what a local checkout is."""
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
        """The functions of the checkout -> the number of their parameters."""
        folder = sources(self.source)
        self._refuse_old(folder)
        return dict(headers.declared(folder, self.headers, title=self.title, option=self.source))

    def _refuse_old(self, folder: Path) -> None:
        """Up to 4.0 CMSIS-NN included CMSIS-Core, which is Arm's only."""
        old = folder / "Include" / "arm_nn_math_types.h"
        if old.is_file() and "cmsis_compiler.h" in old.read_text("utf-8", "replace"):
            raise UsageError(
                f"this {self.title} is older than 4.1: it includes cmsis_compiler.h of CMSIS-Core, "
                "which is for Arm only",
                where=str(old),
                remedy=f"Give 4.1 or newer as --mlbench-source {self.source}=PATH, or none: the "
                "pinned one is 6.0.0",
            )

    def library_component(self, sources: Callable[[str], Path], context: LowerContext) -> Component:
        """The library itself, from all its integer sources."""
        folder = sources(self.source)
        return Component(
            name=self.name,
            sources=self.files(folder),
            headers=self.include_folders(sources),
            defines=self.defines(context),
            options=("-w",),  # its warnings are its authors' business
            shared=True,
        )

    def include_folders(self, sources: Callable[[str], Path]) -> tuple[Path, ...]:
        """The folders for `-I`."""
        return tuple(sources(self.source) / include for include in self.includes)

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The C files that TFLM's build also takes, without Python bindings and floating point."""
        found = sorted(
            path
            for path in (folder / "Source").rglob("*.c")
            if "Bindings" not in path.relative_to(folder).parts
            and not path.stem.endswith(("_f16", "_f32", "_flt"))
        )
        if not found:
            raise UsageError(
                f"not a checkout of {self.title}: there are no C files in Source",
                where=str(folder),
                remedy=f"Give the root of one as --mlbench-source {self.source}=PATH",
            )
        return tuple(found)

    def defines(self, context: LowerContext) -> tuple[str, ...]:
        """The macros that the library is compiled with."""
        del context
        return ()


REFUSED = ADAPTER / "refused.c"


def _files(kernels: frozenset[str]) -> frozenset[str]:
    """A kernel's adapter is the file of its name; per-channel FULLY_CONNECTED shares its setup."""
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
            "Arm's CMSIS-NN, its portable C",
            library="cmsisnn",
            excludes=("muriscvnn", "tuned"),
        ),
    ),
    trials=(("cmsisnn",),),
)
"""CMSIS-NN as plain C: neither ARM_MATH_DSP nor ARM_MATH_MVEI is set on RISC-V."""
