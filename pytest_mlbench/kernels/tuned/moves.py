"""PAD, CONCATENATION, SPLIT, slices, TRANSPOSE, RESIZE_NEAREST_NEIGHBOR and others that move bytes:
integer/moves.c, also with vectors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.kernels.reference.library import ReferenceLibrary

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Layer

FOLDER = Path(__file__).parent
MOVES = FOLDER / "integer" / "moves.c"
ROWS = FOLDER / "integer" / "copy_rows.c"
VECTOR_ROWS = (FOLDER / "vext" / "vector_move.S", FOLDER / "vext" / "portable_vector.c")

KERNELS = ("pad", "concatenation", "split", "strided_copy", "pick")
"""The reference kernels that this module replaces."""


def lower_move(layer: Layer, context: LowerContext) -> KernelCall | None:
    """The call of the integer kernel."""
    return _move(layer, context, "", (MOVES, ROWS))


def lower_vector_move(layer: Layer, context: LowerContext) -> KernelCall | None:
    """The call of the same kernel when it is compiled for vectors."""
    return _move(layer, context, "vector_", (MOVES, *VECTOR_ROWS))


def _move(
    layer: Layer, context: LowerContext, prefix: str, sources: tuple[Path, ...]
) -> KernelCall | None:
    """The reference kernel's call, changed to a kernel that takes the same struct."""
    call = ReferenceLibrary().lower(layer, context)
    if call is None or call.kernel not in KERNELS:
        return None
    return replace(
        call,
        kernel=prefix + call.kernel,
        library="tuned",
        function=f"mlbench_tuned_{call.kernel}",
        header="mlbench_tuned_moves.h",
        sources=sources,
    )
