"""SOFTMAX over two values: integer/softmax_two.c, vext/vector_softmax_two.S."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Struct, TensorRef
from pytest_mlbench.models.operators.catalogue import OPERATORS

from .geometry import HEADER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.kernels.interface import LowerContext
    from pytest_mlbench.models.operators.layers import Softmax

FOLDER = Path(__file__).parent
SOURCES = (FOLDER / "integer" / "softmax_two.c",)
SOURCES_VECTOR = (
    FOLDER / "vext" / "vector_softmax_two.S",
    FOLDER / "vext" / "portable_softmax.c",
)

MANY = 64
"""For fewer rows, a table of 511 bytes does not pay off."""

MOST = 255
"""The largest difference of two stored values."""


def lower_softmax_two(layer: Softmax, _context: LowerContext) -> KernelCall | None:
    """The call of the integer kernel; None unless there are two values and many rows."""
    return _call(layer, "softmax_two", SOURCES)


def lower_vector_softmax_two(layer: Softmax, _context: LowerContext) -> KernelCall | None:
    """The same on the vector unit."""
    return _call(layer, "vector_softmax_two", SOURCES_VECTOR)


def _call(layer: Softmax, kernel: str, sources: tuple[Path, ...]) -> KernelCall | None:
    if layer.depth != 2 or layer.rows < MANY:
        return None
    table = Array("int8_t", first_results(layer), name="results")
    return KernelCall(
        kernel=kernel,
        library="tuned",
        function=f"mlbench_tuned_{kernel}",
        header=HEADER,
        arguments=(
            Struct("struct mlbench_tuned_softmax_two", {"table": table, "rows": layer.rows}),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
        ),
        sources=sources,
        in_place=((0, 0),),
    )


def first_results(layer: Softmax) -> NDArray[np.int8]:
    """The result of the first value for its differences to the second, -255 to 255."""
    return _first_results(replace(layer, index=0, inputs=(), outputs=(), rows=2 * MOST + 1))


@lru_cache(maxsize=64)
def _first_results(layer: Softmax) -> NDArray[np.int8]:
    """Computed once for layers that differ in their place and rows alone. Read only."""
    differences = np.arange(-MOST, MOST + 1)
    first = differences // 2
    pairs = np.stack([first, first - differences], axis=1).astype(np.int8)
    reference = OPERATORS["SOFTMAX"].reference
    assert reference is not None
    results = np.asarray(reference(layer, pairs))
    found = np.ascontiguousarray(results.reshape(-1, 2)[:, 0]).astype(np.int8)
    found.setflags(write=False)
    return found
