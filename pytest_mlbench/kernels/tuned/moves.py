"""PAD, CONCATENATION, SPLIT, slices, TRANSPOSE, RESIZE_NEAREST_NEIGHBOR and others that move bytes:
integer/moves.c, also with vectors."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import Struct
from pytest_mlbench.kernels.reference.kernel import braces
from pytest_mlbench.kernels.reference.library import ReferenceLibrary
from pytest_mlbench.kernels.reference.strides import MAX_DIMS, merged, padded
from pytest_mlbench.models.operators.strided import StridedCopy, dense_steps

from .vext.common import vector_length

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Layer

FOLDER = Path(__file__).parent
SOURCES = (FOLDER / "integer" / "moves.c", FOLDER / "integer" / "copy_rows.c")
SOURCES_VECTOR = (
    SOURCES[0],
    FOLDER / "vext" / "vector_move.S",
    FOLDER / "vext" / "portable_vector.c",
)

KERNELS = ("pad", "concatenation", "split", "strided_copy", "pick")
"""The reference kernels that this module replaces."""

AROUND = 28
"""Instructions from one inner loop to the next."""


def lower_move(layer: Layer, context: LowerContext) -> KernelCall | None:
    """The call of the integer kernel."""
    return _move(layer, context, "", SOURCES)


def lower_vector_move(layer: Layer, context: LowerContext) -> KernelCall | None:
    """The call of the same kernel when it is compiled for vectors."""
    return _move(layer, context, "vector_", SOURCES_VECTOR)


def _move(
    layer: Layer, context: LowerContext, prefix: str, sources: tuple[Path, ...]
) -> KernelCall | None:
    """The reference kernel's call, changed to a kernel that takes the same struct or another."""
    call = ReferenceLibrary().lower(layer, context)
    if call is None or call.kernel not in KERNELS:
        return None
    lanes = vector_length(context.isa) if prefix else 0
    other = _transpose(layer, lanes) if isinstance(layer, StridedCopy) else None
    kernel = call.kernel if other is None else "transpose"
    return replace(
        call,
        kernel=prefix + kernel,
        library="tuned",
        function=f"mlbench_tuned_{kernel}",
        header="mlbench_tuned_moves.h",
        arguments=call.arguments if other is None else (other, *call.arguments[1:]),
        sources=sources,
    )


def _transpose(layer: StridedCopy, lanes: int) -> Struct | None:
    """struct mlbench_tuned_transpose, if its loop along the longest dimension is the faster one.

    `lanes`: bytes of eight vector registers; 0 for the integer kernel. The estimates count
    instructions.
    """
    dims = _byte_dimensions(layer)
    total = prod(size for size, _, _ in dims)
    longest = max(range(len(dims)), key=lambda place: dims[place][0])
    count = dims[longest][0]
    along = (9 * -(-count // lanes) if lanes else 5.25 * count) + AROUND
    *outer, (rows, _, _), (run, step, _) = [(1, 0, 0), *dims]
    if step == 1:
        row = 7 + (8 * (run // lanes) if lanes else run * 1.5)
        copied = prod(size for size, _, _ in outer) * (AROUND + rows * row)
    else:
        inner = 9 * -(-run // lanes) if lanes else 5.25 * run
        copied = total // run * (AROUND + inner)
    if total // count * along >= copied:
        return None
    order = [*dims[:longest], *dims[longest + 1 :], dims[longest]]
    sizes, sources, targets = (padded(row, 0, MAX_DIMS + 1) for row in zip(*order, strict=True))
    return Struct(
        "struct mlbench_tuned_transpose",
        {
            "size": braces([size or 1 for size in sizes]),
            "from": braces(sources),
            "to": braces(targets),
            "first": layer.first * layer.item,
        },
    )


def _byte_dimensions(layer: StridedCopy) -> list[tuple[int, int, int]]:
    """Size, bytes per step in the input and in the output of every dimension, at least two."""
    sizes, (sources, targets) = merged(
        [*layer.sizes, layer.item],
        [
            [*(step * layer.item for step in layer.steps), 1],
            [*(step * layer.item for step in dense_steps(layer.sizes)), 1],
        ],
    )
    return [(1, 0, 0)] * (2 - len(sizes)) + list(zip(sizes, sources, targets, strict=True))
