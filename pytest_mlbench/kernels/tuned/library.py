"""Kernel library `tuned` and the features that refine it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.firmware.parts import Part
from pytest_mlbench.isa import Isa
from pytest_mlbench.kernels.interface import Feature
from pytest_mlbench.models.operators.layers import (
    Conv2D,
    DepthwiseConv2D,
    Elementwise,
    FullyConnected,
    Pool2D,
)

from .conv2d import lower_conv2d
from .conv2d_fp64 import lower_fp64
from .depthwise import lower_depthwise
from .depthwise_fp64 import lower_depthwise_fp64
from .elementwise import lower_add, lower_average_pool2d, lower_vector_add
from .fully_connected import lower_fully_connected
from .vector import channels_cost, lower_vector_conv2d
from .vector_common import vector_length
from .vector_cost import CODE
from .vector_depthwise import lower_vector_depthwise
from .vector_fully_connected import lower_vector_fully_connected
from .vector_plan import planes_cost
from .vector_planes import lower_planes
from .winograd import KEY as WINOGRAD
from .winograd import VALUES as WINOGRAD_VALUES
from .winograd import lower_winograd

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Layer

FOLDER = Path(__file__).parent

SIGNED = "_signed"
"""Ends the name of a kernel that also rounds values below the output's zero point."""

PORTABLE = "portable.c"
"""The assembly kernels for machines that are not RISC-V; empty on RISC-V."""

FP64 = ("conv2d_fp64.c", "fp64_gemm.S", "patch.c", "portable_fp64.c")
VECTOR = ("vector_conv2d.c", "vector_gemm.S", "vector_move.S")

SOURCES = {
    "add": ("add.c",),
    "average_pool2d": ("average_pool2d.c",),
    "conv2d": ("conv2d.c", "gemm_5x4.S", "patch.c"),
    "conv2d_1x1": ("conv2d.c", "gemm_5x4.S", "patch.c"),
    "conv2d_fp64_expanded": FP64,
    "conv2d_fp64_patches": FP64,
    "conv2d_fp64_rows": FP64,
    "conv2d_fp64_winograd": (
        "conv2d_fp64_winograd.c",
        "fp64_winograd.S",
        "patch.c",
        "portable_winograd.c",
    ),
    "depthwise": ("depthwise.c",),
    "depthwise_3x3": ("depthwise_3x3.S",),
    "depthwise_3x3_fp64": ("depthwise_fp64.c", "depthwise_3x3_fp64.S", "portable_fp64.c"),
    "fully_connected_4": ("fully_connected.S",),
    "fully_connected_16": ("fully_connected.S",),
    "vector_add": ("vector_elementwise.S",),
    "vector_average_pool2d": ("vector_average_pool2d.c", "vector_elementwise.S"),
    "vector_conv2d": VECTOR,
    "vector_conv2d_patches": VECTOR,
    "vector_fully_connected": ("vector_fully_connected.S",),
    "vector_planes": ("vector_move.S", "vector_planes.c", "vector_planes.S"),
    "vector_planes_depthwise": ("vector_move.S", "vector_planes.c", "vector_planes.S"),
    "vector_depthwise_3x3": ("vector_conv2d.c", "vector_depthwise_3x3.S", "vector_move.S"),
}


MOST_CHANNELS = 1023
"""Twice as many bytes are still an offset of a load."""


def _plain(kernel: str) -> str:
    """The name without what a layer adds to it: its rounding, its channels, its LMUL."""
    return re.sub(r"_[cm]\d+$", "", kernel.removesuffix(SIGNED))


def _channels(kernel: str) -> int:
    found = re.search(r"_c(\d+)$", kernel.removesuffix(SIGNED))
    return int(found[1]) if found else 0


def _signed_define(kernel: str) -> str:
    if kernel.startswith("fully_connected"):
        return "MLBENCH_TUNED_FULLY_CONNECTED_SIGNED"
    if "fp64" in kernel:
        return "MLBENCH_TUNED_FP64_SIGNED"
    return "MLBENCH_TUNED_GEMM_SIGNED"


def _lower_vector_conv2d(layer: Conv2D, isa: str) -> KernelCall | None:
    """The way that should take fewer instructions, else the other one."""
    vlen = vector_length(isa)
    channels, positions = channels_cost(layer, vlen), planes_cost(layer, vlen)
    if channels is None:
        return None
    ways = [lower_vector_conv2d, lower_planes]
    if positions is not None and positions * CODE < channels:
        ways.reverse()
    return ways[0](layer, isa) or ways[1](layer, isa)


def _lower_vector(layer: Layer, context: LowerContext) -> KernelCall | None:
    if isinstance(layer, DepthwiseConv2D):
        return lower_vector_depthwise(layer, context.isa)
    if isinstance(layer, Conv2D):
        return _lower_vector_conv2d(layer, context.isa)
    if isinstance(layer, FullyConnected):
        return lower_vector_fully_connected(layer, context.isa)
    if isinstance(layer, Elementwise) and layer.kind == "ADD":
        return lower_vector_add(layer)
    if isinstance(layer, Pool2D) and layer.kind == "AVERAGE_POOL_2D":
        return lower_average_pool2d(layer, vector=True)
    return None


class TunedLibrary:
    """Integer kernels for RV32IM and RV64IM; with `dext`, convolutions on the D unit."""

    name = "tuned"
    features = (
        Feature("tuned", "register-blocked integer kernels", library="tuned"),
        Feature(
            "dext",
            "two int8 MACs in one double-precision multiply-add",
            library="tuned",
            requires=("tuned",),
            excludes=("vext",),
            extensions=("d",),
            config=(WINOGRAD,),
            values={WINOGRAD: WINOGRAD_VALUES},
        ),
        Feature("vext", "vector kernels for V 1.0", refines=("tuned",), extensions=("v",)),
    )

    def lower(self, layer: Layer, context: LowerContext) -> KernelCall | None:
        """The kernel for `layer`, or None: the reference kernel runs. Without M all of them do."""
        isa, winograd = Isa.parse(context.isa), context.config.get(WINOGRAD) == "on"
        if not isa.has("m"):
            return None
        if "vext" in context.features and isa.has("v"):
            call = _lower_vector(layer, context)
            if call is not None:
                return call
        pairs = "dext" in context.features and isa.has("d")
        if isinstance(layer, DepthwiseConv2D):
            return (lower_depthwise_fp64(layer) if pairs else None) or lower_depthwise(layer)
        if isinstance(layer, Conv2D):
            call = lower_winograd(layer) if pairs and winograd else None
            call = call or (lower_fp64(layer) if pairs else None)
            return call or lower_conv2d(layer)
        if isinstance(layer, FullyConnected):
            return lower_fully_connected(layer)
        if isinstance(layer, Elementwise) and layer.kind == "ADD":
            return lower_add(layer)
        if isinstance(layer, Pool2D) and layer.kind == "AVERAGE_POOL_2D":
            return lower_average_pool2d(layer)
        return None

    def parts(self, kernels: frozenset[str], context: LowerContext) -> tuple[Part, ...]:
        """One part with the sources of the kernels that run."""
        files = {file for kernel in kernels for file in SOURCES[_plain(kernel)]}
        defines = sorted({_signed_define(kernel) for kernel in kernels if kernel.endswith(SIGNED)})
        if context.optimize == "s":
            defines.append("MLBENCH_TUNED_SMALL")
        channels = {_channels(kernel) for kernel in kernels} - {0}
        if len(channels) == 1 and max(channels) <= MOST_CHANNELS:
            defines.append(f"MLBENCH_TUNED_CHANNELS={max(channels)}")
        vector = any(kernel.startswith("vector") for kernel in kernels)
        if vector:
            defines.append(f"MLBENCH_TUNED_VLENB={vector_length(context.isa) // 8}")
        return (
            Part(
                name=self.name,
                sources=tuple(FOLDER / "src" / file for file in sorted(files | {PORTABLE})),
                headers=(FOLDER / "include",),
                public=True,
                defines=tuple(defines),
                options=("-fno-schedule-insns",),
                march=context.isa if vector else "",
            ),
        )
