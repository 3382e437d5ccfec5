"""Building a kernel library once, whole: does this version of it compile with this compiler?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.firmware.build import build
from pytest_mlbench.firmware.parts import Part
from pytest_mlbench.firmware.targets.spike.target import SpikeTarget
from pytest_mlbench.kernels.interface import LowerContext

if TYPE_CHECKING:
    from pytest_mlbench.firmware.parts import Firmware
    from pytest_mlbench.kernels.interface import KernelLibrary

    from .workbench import Workbench

OPTIMIZE = "3"

_NOTHING = """#include "mlbench_firmware.h"
struct mlbench_buffer mlbench_inputs[1];
struct mlbench_buffer mlbench_outputs[1];
const uint32_t mlbench_input_count = 0;
const uint32_t mlbench_output_count = 0;
int32_t mlbench_setup(void) { return 0; }
int32_t mlbench_invoke(void) { return 0; }
"""


def trial_build(library: KernelLibrary, kernels: frozenset[str], bench: Workbench) -> str:
    """Compile `library` with the adapters of `kernels` for the default target and link it.

    Returns a sentence. Raises CannotRun when its source or a compiler is not to be had,
    BuildFailed with the compiler's first error.
    """
    isa = SpikeTarget().isa
    context = LowerContext(
        features=(),
        isa=isa,
        optimize=OPTIMIZE,
        sources=bench.source,
        compiler=f"gcc {bench.toolchain(isa).version}",
    )
    parts = library.parts(kernels, context)
    build_parts((Part("model", texts={"model.c": _NOTHING}), *parts), bench, name=library.name)
    version = getattr(library, "version", None)
    named = f" of {version(context)}" if version is not None else ""
    files = sum(len([s for s in part.sources if s.suffix == ".c"]) for part in parts)
    return f"pass: {files} files{named} at -O{OPTIMIZE} for {isa} with {context.compiler}"


def build_parts(
    parts: tuple[Part, ...], bench: Workbench, *, name: str, defines: tuple[str, ...] = ()
) -> Firmware:
    """The firmware of `parts` for the default target. Raises as `build` does."""
    target = SpikeTarget()
    return build(
        parts,
        target=target,
        isa=target.isa,
        optimize=OPTIMIZE,
        toolchain=bench.toolchain_for(target.isa, parts),
        cache=bench.cache,
        defines=defines,
        name=f"trial of {name}",
    )
