"""PAD and CONCATENATION for V 1.0: vector_copy.c."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_mlbench.kernels.reference.library import ReferenceLibrary
from pytest_mlbench.kernels.tuned.geometry import beside

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Concatenation, Pad

SOURCES = beside(__file__, "vector_copy.c", "vector_move.S", "portable_vector.c")


def lower_vector_copy(layer: Concatenation | Pad, context: LowerContext) -> KernelCall | None:
    """The reference kernel's call, changed to a kernel that takes the same structs."""
    call = ReferenceLibrary().lower(layer, context)
    if call is None or call.kernel not in ("pad", "concatenation"):
        return None
    kernel = f"vector_{call.kernel}"
    return replace(
        call,
        kernel=kernel,
        library="tuned",
        function=f"mlbench_tuned_{kernel}",
        header="mlbench_tuned_copy.h",
        sources=SOURCES,
    )
