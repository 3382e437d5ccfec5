"""The kernel library `tuned` and the features that refine it.

The kernels' Python sides are imported when the first layer is lowered.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.firmware.components import Component
from pytest_mlbench.isa import Isa
from pytest_mlbench.kernels.interface import (
    PREFER,
    PREFERENCES,
    Feature,
    KernelLibrary,
)

from .options import WINOGRAD, WINOGRAD_VALUES

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Layer

FOLDER = Path(__file__).parent

EXTENSIONS = {"vext": "v", "dext": "d", "xpulp": "xpulp", "tuned": "m"}
"""The extension that each feature's kernels need in addition to M."""


class TunedLibrary(KernelLibrary):
    """Integer kernels for RV32IM and RV64IM; with `dext`, convolutions on the D unit."""

    name = "tuned"
    features = (
        Feature(
            "tuned",
            "register-blocked integer kernels",
            library="tuned",
            config=(PREFER,),
            values={PREFER: PREFERENCES},
        ),
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
        Feature(
            "xpulp",
            "four int8 MACs an instruction on the CV32E40P",
            library="tuned",
            requires=("tuned",),
            excludes=("dext", "vext"),
            extensions=("xpulp",),
        ),
        Feature("vext", "vector kernels for V 1.0", refines=("tuned",), extensions=("v",)),
    )

    def lower(self, layer: Layer, context: LowerContext) -> KernelCall | None:
        """The kernel for `layer`; None if the reference kernel runs, as always without M."""
        from .candidates import calls
        from .choice import choose

        found = calls(layer, context, _usable(context))
        return choose(layer, found, Isa.parse(context.isa).xlen)

    def candidates(self, layer: Layer, context: LowerContext) -> tuple[KernelCall, ...]:
        """The kernels that support `layer`, from the fastest to the slowest by prediction."""
        from .candidates import calls
        from .choice import ranked

        return ranked(calls(layer, context, _usable(context)))

    def components(self, _kernels: frozenset[str], context: LowerContext) -> tuple[Component, ...]:
        """The files that every build needs; calls add their kernels' sources and defines."""
        defines = ["MLBENCH_TUNED_SMALL"] if context.optimize == "s" else []
        vector = "vext" in _usable(context)
        if vector:
            defines.append(f"MLBENCH_TUNED_VLENB={Isa.parse(context.isa).vlen // 8}")
        return (
            Component(
                name=self.name,
                sources=(FOLDER / "offsets.c",),
                headers=(FOLDER / "include",),
                public=True,
                defines=tuple(defines),
                options=("-fno-schedule-insns",),
                march=context.isa if vector else "",
            ),
        )


def _usable(context: LowerContext) -> set[str]:
    """The selected features whose extensions the ISA has. `vext` may also refine another library,
    which then provides the integer kernels."""
    isa = Isa.parse(context.isa)
    if not isa.has("m"):
        return set()
    selected = {"tuned", *context.features}
    return {
        name for name, extension in EXTENSIONS.items() if name in selected and isa.has(extension)
    }
