"""Kernel library `tuned` and the features that refine it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.kernels.layers import Conv2D, DepthwiseConv2D
from pytest_mlbench.parts import Part
from pytest_mlbench.registry import Feature

from .conv2d import lower_conv2d
from .depthwise import lower_depthwise

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.kernels.layers import Layer

FOLDER = Path(__file__).parent

SOURCES = {
    "conv2d": ("conv2d.c", "gemm_5x4.S"),
    "conv2d_1x1": ("conv2d.c", "gemm_5x4.S"),
    "conv2d_bytes": ("conv2d.c", "gemm_5x4.S"),
    "depthwise_3x3": ("depthwise_3x3.S",),
}


class TunedLibrary:
    """Integer kernels for RV32IM and RV64IM."""

    name = "tuned"
    features = (Feature("tuned", "register-blocked integer kernels", library="tuned"),)

    def lower(self, layer: Layer, context: LowerContext) -> KernelCall | None:  # noqa: ARG002
        """The kernel for `layer`, or None: the reference kernel runs."""
        if isinstance(layer, DepthwiseConv2D):
            return lower_depthwise(layer)
        if isinstance(layer, Conv2D):
            return lower_conv2d(layer)
        return None

    def parts(self, kernels: frozenset[str], context: LowerContext) -> tuple[Part, ...]:
        """One part with the sources of the kernels that run."""
        files = sorted({f for kernel in kernels for f in SOURCES[kernel.removesuffix("_signed")]})
        defines = []
        if any(kernel.endswith("_signed") for kernel in kernels):
            defines.append("MLBENCH_TUNED_SIGNED")
        if context.optimize == "s":
            defines.append("MLBENCH_TUNED_SMALL")
        return (
            Part(
                name="kernels",
                sources=tuple(FOLDER / "src" / file for file in files),
                headers=(FOLDER / "include",),
                public=True,
                defines=tuple(defines),
                options=("-fno-schedule-insns",),
            ),
        )
