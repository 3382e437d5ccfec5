"""Convolution and pool in bands of rows: what is split, how, and that no bit changes."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from math import prod
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from networks_to_fold import Growing
from test_passes import Model

from pytest_mlbench.backends.aot.backend import AotBackend
from pytest_mlbench.backends.aot.passes import bands, optimise
from pytest_mlbench.backends.aot.passes.choice import in_bands
from pytest_mlbench.backends.aot.passes.program import Program
from pytest_mlbench.backends.interface import GenerateRequest
from pytest_mlbench.kernels.interface import LowerContext, no_sources
from pytest_mlbench.kernels.reference.library import ReferenceLibrary
from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.models.operators.fold import fold
from pytest_mlbench.models.operators.layers import Conv2D, Pool2D
from pytest_mlbench.models.operators.lower import lower
from pytest_mlbench.testing import ModelCase, check_models
from pytest_mlbench.testing import draw as d
from pytest_mlbench.testing.profiles import THOROUGH

if TYPE_CHECKING:
    from pytest_mlbench.backends.interface import Generated
    from pytest_mlbench.kernels.interface import KernelCall
    from pytest_mlbench.models.operators.layers import Layer
    from pytest_mlbench.models.tflite.graph import Graph

RAM = {"prefer": "ram"}
VARIANTS = {
    "none": ((), "rv32gc"),
    "tuned": (("tuned",), "rv32gc"),
    "dext": (("tuned", "dext"), "rv32gc"),
    "vext128": (("tuned", "vext"), "rv32gcv_zvl128b"),
}


def program(graph: Graph) -> Program:
    return optimise(Program(graph, lower(fold(graph))))


def pool(model: Model, size: int = 2, stride: int = 2, kind: str = "MAX_POOL_2D") -> int:
    n, height, width, channels = model.shape
    shape = (n, (height - size) // stride + 1, (width - size) // stride + 1, channels)
    options = {"stride_h": stride, "stride_w": stride, "filter_height": size, "filter_width": size}
    return model.then(kind, shape=shape, padding="VALID", **options)


def generated(graph: Graph, config: dict[str, str], **more: Any) -> Generated:
    request = GenerateRequest(
        graph=graph, model_data=b"", features=(), isa="rv32gc", optimize="3",
        config=config, sources=no_sources, **{"libraries": (), **more},
    )  # fmt: skip
    return AotBackend().generate(request)


def layers(found: Program, kind: type[Any]) -> list[Any]:
    return [layer for layer in found.layers if isinstance(layer, kind)]


def test_the_rows_of_each_band() -> None:
    model = Model((1, 10, 16, 1))
    model.pad(1, 1, 1, 1)
    model.convolution()
    pool(model)
    whole = program(model.graph())
    (pair,) = bands.pairs(whole)
    assert pair == bands.Pair(1, 2)
    assert bands.heights(whole, pair) == (3, 2, 1)
    split = bands.split(whole, pair, 2)
    convolutions, pools = layers(split, Conv2D), layers(split, Pool2D)
    assert [each.input_shape[1] for each in convolutions] == [5, 6, 3]
    assert [each.output_shape[1] for each in convolutions] == [4, 4, 2]
    assert [each.padding for each in convolutions] == [(1, 1), (0, 1), (0, 1)]
    assert [each.output_shape[1] for each in pools] == [2, 2, 1]
    assert {operator.index for operator in split.graph.operators} == {0, 1, 2}


def test_rows_that_two_windows_share_are_computed_twice_only_if_they_are_few() -> None:
    model = Model((1, 19, 16, 4))
    model.convolution()
    pool(model, size=3, stride=2)  # 8 rows of 17
    whole = program(model.graph())
    (pair,) = bands.pairs(whole)
    assert bands.heights(whole, pair) == (4, 2)
    pool_of_ones = Model((1, 19, 16, 4))
    pool_of_ones.convolution()
    pool(pool_of_ones, size=9, stride=1)
    whole = program(pool_of_ones.graph())
    assert [bands.heights(whole, each) for each in bands.pairs(whole)] == [()]


def test_a_convolution_that_is_read_elsewhere_is_whole() -> None:
    model = Model((1, 10, 16, 1))
    between = model.convolution()
    pool(model)
    assert bands.pairs(program(model.graph(between))) == ()


def test_the_fewest_bands_with_nearly_the_lowest_peak() -> None:
    model = Model((1, 34, 34, 4))
    model.convolution()
    pool(model)  # 16 rows
    whole = program(model.graph())

    def bound(of_rows: dict[int, int]) -> Program:
        return in_bands(
            whole, lambda found: of_rows.get(layers(found, Pool2D)[0].output_shape[1], 1000)
        )

    assert bound({}) is whole
    assert bound({8: 990}) is whole  # not worth its constants
    assert len(layers(bound({8: 900, 4: 601, 2: 600}), Pool2D)) == 4


def test_more_bands_are_taken_where_they_save_instructions() -> None:
    model = Model((1, 34, 34, 4))
    model.convolution()
    pool(model)
    whole = program(model.graph())
    bounds = {8: 606, 4: 601, 2: 610, 1: 900}
    costs = {8: 500, 4: 400, 2: 300, 1: 100}

    def height(found: Program) -> int:
        return int(layers(found, Pool2D)[0].output_shape[1])

    found = in_bands(
        whole,
        lambda one: bounds.get(height(one), 1000),
        lambda one, limit: costs[height(one)] if limit < 620 else 0,
    )
    assert height(found) == 2  # nearly the lowest peak, and the cheapest of these


def test_only_prefer_ram_splits_and_the_rows_stay_those_of_the_model() -> None:
    model = Model((1, 34, 34, 4))
    model.convolution()
    model.then("RELU6")
    pool(model)
    pool(model, size=16, stride=16, kind="AVERAGE_POOL_2D")
    graph = model.graph()
    plain, split = generated(graph, {}), generated(graph, RAM)
    assert split.arena_peak < plain.arena_peak * 0.7
    assert [row["index"] for row in split.operators] == [0, 1, 2, 3]
    assert [row["kernel"] for row in split.operators] == [row["kernel"] for row in plain.operators]
    assert split.metrics == plain.metrics
    assert plain.steps == (0, 1, 2, 3)
    assert split.steps.count(2) > 2
    assert plain.order == ()
    assert split.order == split.steps
    assert max(row["last"] for row in split.arena) == len(split.steps) + 1
    assert max(row["last"] for row in plain.arena) == len(graph.operators) + 1
    assert generated(graph, {"prefer": "rom"}).components == plain.components
    text = split.components[0].texts["model.c"]
    assert "0 SLICE: 1x34x34x4 -> " in text
    assert "2 CONCATENATION: " in text
    assert generated(graph, RAM, profile=True).steps == split.steps


class Asking(ReferenceLibrary):
    """The reference kernels, as a library whose scratch sizes only firmware knows."""

    name = "asking"

    def lower(self, layer: Layer, context: LowerContext) -> KernelCall | None:
        call = super().lower(layer, context)
        return replace(call, scratch="size()") if isinstance(layer, Conv2D) and call else None


def test_sizes_of_both_kinds_are_probed_and_decide() -> None:
    model = Model((1, 34, 34, 4))
    model.convolution()
    pool(model)
    graph = model.graph()
    asked = generated(graph, RAM, libraries=(Asking(),))
    assert asked.probe
    bands_ = asked.components[0].texts["model.c"].count("size()") - 1
    assert bands_ > 1

    def steps(whole: int, band: int) -> tuple[int, ...]:
        probe = (whole, *[band] * bands_)
        return generated(graph, RAM, libraries=(Asking(),), probe=probe).steps

    assert len(steps(64, 64)) > 2
    assert steps(64, 9000) == (0, 1)


@st.composite
def networks(draw: d.Draw) -> ModelCase:
    """One to three times a convolution, perhaps a clamp, and a pool with any window."""
    growing = Growing(
        draw, int(draw(st.sampled_from([1, 3, 4, 8]))), most=draw(st.sampled_from([9, 24]))
    )
    for _ in range(draw(st.integers(1, 3))):
        draw(st.sampled_from([growing.convolution, growing.padded_convolution]))()
        if draw(st.booleans()):
            growing.op("RELU6", [growing.last])
        n, height, width, channels = growing.shape
        rows, columns = (int(draw(st.integers(1, min(3, size)))) for size in (height, width))
        down, right = (int(draw(st.integers(1, 3))) for _ in range(2))
        padding = draw(st.sampled_from(["VALID", "SAME"]))
        sizes = (
            [-(-height // down), -(-width // right)]
            if padding == "SAME"
            else [(height - rows) // down + 1, (width - columns) // right + 1]
        )
        growing.op(
            draw(st.sampled_from(["MAX_POOL_2D", "AVERAGE_POOL_2D"])),
            [growing.last],
            (n, *sizes, channels),
            padding=padding,
            stride_h=down,
            stride_w=right,
            filter_height=rows,
            filter_width=columns,
            fused_activation_function=draw(st.sampled_from(["NONE", "RELU"])),
        )
        if min(growing.shape[1:3]) < 3 or prod(growing.shape) > 9000:
            break
    graph = growing.build.finish([growing.last])
    samples = d.activations(growing.rng, graph.tensors[graph.inputs[0]])
    return ModelCase(graph, tuple((sample,) for sample in samples))


@cache
def drawn(count: int) -> list[ModelCase]:
    found: list[ModelCase] = []

    @settings(
        max_examples=count,
        deadline=None,
        derandomize=not THOROUGH,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(model=networks())
    def collect(model: ModelCase) -> None:
        found.append(model)

    collect()
    return found


def check(runner: str, features: tuple[str, ...], isa: str, count: int) -> None:
    pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")
    banded = 0
    for model in drawn(count):
        (made,) = check_models(
            [model],
            libraries=(TunedLibrary(),) if features else (),
            features=features,
            runner=runner,
            isa=isa,
            config=RAM,
            optimize="3" if runner == "spike" else "1",
        )
        banded += len(set(made.steps)) < len(made.steps)
    assert banded > count // 8, "too few of them run in bands"


def test_models_equal_tflm_on_the_host() -> None:
    check("host", (), "rv32gc", 400 if THOROUGH else 12)


@pytest.mark.spike
@pytest.mark.parametrize("variant", VARIANTS)
def test_models_equal_tflm_on_spike(variant: str) -> None:
    features, isa = VARIANTS[variant]
    check("spike", features, isa, 100 if THOROUGH else 4)
