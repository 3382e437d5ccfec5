"""What kernels say of outputs that lie over inputs: every output as near its input as allowed."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pytest
from chosen import EACH, owners, with_layers
from cores import core_target
from proofs import LEVEL
from shapes import ON_A_CORE, USUAL

from pytest_mlbench.backends.aot import lowered
from pytest_mlbench.backends.aot.memory_plan.arrange import Memory, arrange
from pytest_mlbench.backends.aot.memory_plan.problem import aligned
from pytest_mlbench.kernels.interface import LowerContext
from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import LAYERS, LayerCase, check_layers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chosen import Cases, Sets

    from pytest_mlbench.backends.aot.memory_plan.need import Need
    from pytest_mlbench.models.tflite.graph import Graph

pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")

SETS = {
    **{
        f"any-{k}": LAYERS[k]
        for k in ("ADD", "AVERAGE_POOL_2D", "MAX_POOL_2D", "CONV_2D", "DEPTHWISE_CONV_2D")
    },
    **{f"usual-{k}": USUAL[k] for k in USUAL},
}
VARIANTS = {
    "tuned": (("tuned",), "rv32gc"),
    "rv64": (("tuned",), "rv64gc"),
    "dext": (("tuned", "dext"), "rv32gc"),
    "vext128": (("tuned", "vext"), "rv32gcv_zvl128b"),
    "vext512": (("tuned", "vext"), "rv32gcv_zvl512b"),
}


class Tight:
    """A planner for models of independent operators: each output as far up over one of its inputs
    as its kernel allows. `used`: the operators whose outputs lie over inputs."""

    def __init__(self) -> None:
        self.used: set[int] = set()

    def __call__(self, graph: Graph, needs: Sequence[Need], *, apart: bool = False) -> Memory:
        assert not apart
        found = arrange(graph, needs, apart=True)  # for what is constant: no search for places
        tensors: dict[int, int] = {}
        scratch: dict[int, int] = {}
        top = 0
        for operator, need in zip(graph.operators, needs, strict=True):
            if need.scratch:
                scratch[operator.index] = top
                top += aligned(need.scratch)
            (output,) = operator.outputs
            free = [o for o in need.overlaps if o.source in found.tensors]
            if free and len(set(operator.inputs)) == len(operator.inputs):
                way = free[operator.index % len(free)]
                before = aligned(way.distance)
                tensors[way.source], tensors[output] = top + before, top
                ends = (before + graph.tensors[way.source].bytes, graph.tensors[output].bytes)
                top += aligned(max(ends))
                if before < graph.tensors[output].bytes:
                    self.used.add(operator.index)
            for index in (*operator.inputs, output):
                if index in found.tensors and index not in tensors:
                    tensors[index] = top
                    top += aligned(graph.tensors[index].bytes)
        return Memory(tensors, found.constants, scratch, found.persistent, top, top)


RUNNERS = pytest.mark.parametrize(
    "runner", ["host", pytest.param("spike", marks=pytest.mark.spike)]
)


def check(
    sets: Sets,
    features: tuple[str, ...],
    isa: str,
    runner: str,
    each: int = EACH,
) -> set[str]:
    """The names of the sets of which an output lay over an input."""
    used: set[str] = set()

    @with_layers(sets, LowerContext(features, isa, LEVEL[runner]), each=each)
    def run(cases: Cases) -> None:
        planner = Tight()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lowered, "arrange", planner)
            check_layers(
                list(chain(*cases.values())),
                libraries=(TunedLibrary(),),
                features=features,
                isa=isa,
                runner=runner,
                optimize=LEVEL[runner],
            )
        names = owners(cases)
        used.update(names[index] for index in planner.used)

    return used


@RUNNERS
@pytest.mark.kinds(sorted(SETS), at_once=len(SETS))
@pytest.mark.parametrize("variant", VARIANTS)
def test_outputs_over_inputs_equal_tflm(kinds: list[str], variant: str, runner: str) -> None:
    used = check({kind: SETS[kind] for kind in kinds}, *VARIANTS[variant], runner)
    for kind in kinds:
        if variant in {"tuned", "rv64"} or "ADD" in kind or "POOL" in kind:
            assert kind in used, f"{kind}: no output lay over an input"


XPULP = {
    **{f"any-{kind}": LAYERS[kind] for kind in ("ADD", "MAX_POOL_2D")},
    **{f"usual-{kind}": USUAL[kind] for kind in ("CONV_2D", "DEPTHWISE_CONV_2D")},
    **{f"words-{kind}": ON_A_CORE[kind] for kind in ON_A_CORE},
}


@RUNNERS
@pytest.mark.kinds(sorted(XPULP), at_once=len(XPULP))
def test_xpulps_outputs_over_inputs_equal_tflm(kinds: list[str], runner: str) -> None:
    """Few layers: the core is slow."""
    if runner == "spike":
        core_target("cv32e40p")
    sets = {kind: XPULP[kind] for kind in kinds}
    assert check(sets, ("tuned", "xpulp"), "rv32imc_xpulp", runner, each=2) == set(kinds)


def _by_rows(
    height: int, width: int, depth: int, channels: int, window: tuple[int, int], padding: str
) -> LayerCase:
    """A convolution of rows of pairs, with inputs that differ from row to row."""
    build = GraphBuilder()
    generator = np.random.default_rng(height)
    x = build.input("x", (1, height, width, depth), scale=1.0, zero_point=3)
    weights = generator.integers(-60, 61, (channels, *window, depth), dtype=np.int8)
    w = build.constant("w", weights, scale=2.0**-8)
    lost = (0, 0) if padding == "SAME" else (window[0] - 1, window[1] - 1)
    shape = (1, height - lost[0], width - lost[1], channels)
    y = build.activation("y", shape, scale=16.0, zero_point=-128)
    build.op("CONV_2D", [x, w, -1], [y], padding=padding, stride_h=1, stride_w=1)
    sample = generator.integers(-128, 128, (1, height, width, depth), dtype=np.int8)
    return LayerCase(build.finish([y]), ((sample,),), note=f"{height} rows, {padding}")


ROWS = [
    (_by_rows(12, 9, 8, 8, (3, 3), "SAME"), True),
    (_by_rows(11, 9, 8, 8, (3, 3), "SAME"), True),
    (_by_rows(7, 6, 8, 8, (5, 5), "SAME"), True),
    (_by_rows(12, 9, 8, 8, (1, 3), "SAME"), True),
    (_by_rows(12, 9, 8, 7, (3, 3), "SAME"), False),
    (_by_rows(12, 9, 8, 12, (3, 3), "SAME"), False),
    (_by_rows(12, 9, 8, 8, (3, 3), "VALID"), False),
    (_by_rows(12, 9, 9, 9, (3, 3), "SAME"), False),
]


def test_pairs_of_rows_write_over_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the outputs of the second half begin at the input's rows that they replace."""
    planner = Tight()
    monkeypatch.setattr(lowered, "arrange", planner)
    cases = [case for case, _ in ROWS]
    generated = check_layers(
        cases, libraries=(TunedLibrary(),), features=("tuned", "dext"), optimize=LEVEL["host"]
    )
    rows = list(generated.operators)
    assert len(rows) == len(ROWS)
    for row, (case, shares) in zip(rows, ROWS, strict=True):
        assert str(row["kernel"]).startswith("conv2d_pairs_rows"), case
        assert (row["index"] in planner.used) == shares, case
