"""RESIZE_BILINEAR: integer/resize_bilinear.c, also with vectors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.kernels.reference.library import ReferenceLibrary

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.resize import ResizeBilinear

FOLDER = Path(__file__).parent
SOURCES = (FOLDER / "integer" / "resize_bilinear.c",)
SOURCES_VECTOR = (
    *SOURCES,
    FOLDER / "vext" / "vector_resize.S",
    FOLDER / "vext" / "portable_resize.c",
)


def lower_resize_bilinear(layer: ResizeBilinear, context: LowerContext) -> KernelCall | None:
    """The call of the integer kernel."""
    return _resize(layer, context, "resize_bilinear", SOURCES)


def lower_vector_resize_bilinear(layer: ResizeBilinear, context: LowerContext) -> KernelCall | None:
    """The call of the same kernel when it is compiled for vectors."""
    return _resize(layer, context, "vector_resize_bilinear", SOURCES_VECTOR)


def _resize(
    layer: ResizeBilinear, context: LowerContext, kernel: str, sources: tuple[Path, ...]
) -> KernelCall | None:
    call = ReferenceLibrary().lower(layer, context)
    return call and replace(
        call,
        kernel=kernel,
        library="tuned",
        function="mlbench_tuned_resize_bilinear",
        header="mlbench_tuned_resize.h",
        sources=sources,
    )
