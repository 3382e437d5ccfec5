"""`prefer=ram`: the lowest peak of memory, and of nearly equal peaks the fewest instructions."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pytest_mlbench.backends.aot.candidates import Kernels, groups
from pytest_mlbench.backends.aot.passes import bands, optimise
from pytest_mlbench.backends.aot.passes.program import Program
from pytest_mlbench.backends.aot.slimmest import faster, instructions, slimmest
from pytest_mlbench.errors import UsageError
from pytest_mlbench.kernels.interface import LowerContext
from pytest_mlbench.kernels.reference.library import ReferenceLibrary
from pytest_mlbench.models.operators.fold import fold
from pytest_mlbench.models.operators.layers import Conv2D
from pytest_mlbench.models.operators.lower import lower
from pytest_mlbench.models.tflite.builder import GraphBuilder

if TYPE_CHECKING:
    from pytest_mlbench.backends.aot.lowered import Lowered
    from pytest_mlbench.kernels.interface import KernelCall
    from pytest_mlbench.models.operators.layers import Layer

CONTEXT = LowerContext((), "rv32gc", "3")


class Several(ReferenceLibrary):
    """Convolutions with several kernels: (name, bytes of scratch memory, instructions)."""

    name = "several"

    def __init__(self, *kernels: tuple[str, int | str, int]) -> None:
        self.kernels = kernels
        self.asked: list[Layer] = []

    def candidates(self, layer: Layer, context: LowerContext) -> tuple[KernelCall, ...]:
        self.asked.append(layer)
        call = super().lower(layer, context)
        if call is None or not isinstance(layer, Conv2D):
            return () if call is None else (call,)
        return tuple(
            replace(call, kernel=name, function=name, scratch=scratch, predict=lambda _, n=n: n)
            for name, scratch, n in self.kernels
        )


def network() -> Program:
    """A convolution 24x24x4 to 24x24x8, the peak of 6,912 bytes; a pool; a convolution of 2,304."""
    build = GraphBuilder("small")
    shapes = [(1, 24, 24, 4), (1, 24, 24, 8), (1, 12, 12, 8), (1, 12, 12, 8)]
    at = build.input("x", shapes[0], scale=0.5)
    sizes = {"filter_height": 2, "filter_width": 2, "stride_h": 2, "stride_w": 2}
    for number, (before, after) in enumerate(pairwise(shapes)):
        out = build.activation(f"{number}", after, scale=0.5)
        if number == 1:
            build.op("MAX_POOL_2D", [at], [out], padding="VALID", **sizes)
        else:
            w = np.ones((after[3], 1, 1, before[3]), np.int8)
            weights = build.constant(f"{number}/w", w, scale=[0.25] * after[3], axis=0)
            bias = np.zeros(after[3], np.int32)
            b = build.constant(f"{number}/b", bias, scale=[0.125] * after[3])
            build.op("CONV_2D", [at, weights, b], [out], padding="VALID", stride_h=1, stride_w=1)
        at = out
    graph = fold(build.finish([at]))
    return optimise(Program(graph, lower(graph)))


def kernels(found: Lowered) -> list[str]:
    return [call.kernel for call in found.calls if call is not None]


def chosen(limit: float, *candidates: tuple[str, int | str, int]) -> list[str]:
    """The kernels with these candidates of the convolutions; `limit` times the lowest peak."""
    known = Kernels((Several(*candidates),), CONTEXT)
    slim = slimmest(network(), known)
    return kernels(faster(slim, known, int(slim.memory.peak * limit)))


def test_a_kernel_with_scratch_memory_runs_where_the_peak_does_not_rise() -> None:
    """The second convolution runs while little else is in memory, the first at the peak."""
    small = ("small", 0, 900)
    assert chosen(1, ("fast", 640, 100), small) == ["small", "max_pool2d", "fast"]
    assert chosen(1, ("fast", 0, 100), small) == ["fast", "max_pool2d", "fast"]
    assert chosen(1, ("fast", 9000, 100), small) == ["small", "max_pool2d", "small"]
    assert chosen(1, ("fast", 9000, 1), ("middle", 640, 50), small)[2] == "middle"


def test_the_peak_may_rise_to_the_limit() -> None:
    small = ("small", 0, 900)
    assert chosen(1.02, ("fast", 128, 100), small)[0] == "fast"
    assert chosen(1.02, ("fast", 160, 100), small)[0] == "small"


def test_the_instructions_within_a_limit() -> None:
    known = Kernels((Several(("fast", 640, 100), ("small", 0, 900)),), CONTEXT)
    program = network()
    pool = 10 * 12 * 12 * 8  # without a formula
    peak = slimmest(program, known).memory.peak
    assert instructions(program, known, peak) == 900 + pool + 100
    assert instructions(program, known, peak + 640) == 100 + pool + 100
    assert instructions(program, known, peak - 16) == float("inf")


def test_all_bands_of_an_operator_run_on_one_kernel() -> None:
    program = network()
    (pair,) = bands.pairs(program)
    split = bands.split(program, pair, 4)
    known = Kernels((Several(("fast", 0, 1), ("small", 0, 900)),), CONTEXT)
    (first,) = (
        each
        for each in groups(split, known)
        if len(each.places) == 3 and isinstance(split.layers[each.places[0]], Conv2D)
    )
    assert [[call and call.kernel for call in option] for option in first.options] == [
        ["fast"] * 3,
        ["small"] * 3,
    ]


def test_a_library_is_asked_once_per_layer_and_a_size_in_c_leaves_no_choice() -> None:
    library = Several(("asking", "size()", 1), ("small", 0, 900))
    known = Kernels((library,), CONTEXT)
    program = network()
    for _ in range(2):
        assert kernels(slimmest(program, known)) == ["asking", "max_pool2d", "asking"]
    assert len(library.asked) == 3


def test_a_layer_without_a_kernel_is_refused() -> None:
    with pytest.raises(UsageError, match="operator 0 CONV_2D: no kernel library covers it"):
        slimmest(network(), Kernels((), CONTEXT))
