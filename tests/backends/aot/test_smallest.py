"""`prefer=rom`: constants and kernels are weighed for the whole model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pytest_mlbench.backends.aot.candidates import Kernels
from pytest_mlbench.backends.aot.lowered import Lowered
from pytest_mlbench.backends.aot.passes.program import Program
from pytest_mlbench.backends.aot.smallest import CODE, smallest
from pytest_mlbench.kernels.interface import Array, KernelCall, LowerContext
from pytest_mlbench.kernels.reference.library import ReferenceLibrary
from pytest_mlbench.models.operators.fold import fold
from pytest_mlbench.models.operators.lower import lower
from pytest_mlbench.models.tflite.builder import GraphBuilder

if TYPE_CHECKING:
    from pytest_mlbench.models.operators.layers import Layer

LAYERS = 3


class Constants(ReferenceLibrary):
    """Each layer has the kernels given: name -> bytes of constants of its own per layer."""

    name = "constants"

    def __init__(self, kernels: dict[str, tuple[int, ...]]) -> None:
        self.kernels = kernels

    def candidates(self, layer: Layer, context: LowerContext) -> tuple[KernelCall, ...]:
        call = super().lower(layer, context)
        assert call is not None
        return tuple(
            replace(
                call,
                kernel=name,
                function=name,
                arguments=(Array("int8_t", np.full(sizes[layer.index], layer.index, np.int8)),),
            )
            for name, sizes in self.kernels.items()
        )


def program() -> Program:
    build = GraphBuilder("three")
    at = build.input("x", (1, 8), scale=0.5)
    for number in range(LAYERS):
        out = build.activation(f"{number}", (1, 8), scale=0.5 if number % 2 else 0.25)
        build.op("QUANTIZE", [at], [out])
        at = out
    graph = fold(build.finish([at]))
    return Program(graph, lower(graph))


@pytest.mark.parametrize(
    ("kernels", "expected"),
    [
        # 100 bytes less per layer do not pay for a second kernel's code.
        ({"fast": (500, 500, 500), "slim": (900, 400, 400)}, ["fast"] * 3),
        # Nor do they matter if all layers may change together.
        ({"fast": (500, 500, 500), "slim": (400, 400, 400)}, ["slim"] * 3),
        # A layer of many constants pays for it alone.
        ({"fast": (500, 9000, 500), "slim": (600, 500, 600)}, ["slim"] * 3),
        ({"fast": (500, 9000, 500), "slim": (4000, 500, 4000)}, ["fast", "slim", "fast"]),
        # Of equal sizes, the faster one.
        ({"fast": (500, 500, 500), "slim": (500, 500, 500)}, ["fast"] * 3),
    ],
)
def test_constants_and_code_together(
    kernels: dict[str, tuple[int, ...]], expected: list[str]
) -> None:
    whole = program()
    known = Kernels((Constants(kernels),), LowerContext((), "rv32gc", "3"))
    layers = [layer for layer in whole.layers if layer is not None]
    usual = Lowered(whole, tuple(known.of(layer)[0] for layer in layers))
    found = smallest(usual, known)
    assert [call.kernel for call in found.calls if call is not None] == expected
    assert CODE > 1000  # what the sizes above are made for
