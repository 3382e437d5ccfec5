"""The kernels' formulas against Spike's counts, on random layers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import moving_layers
import network_layers
import numpy as np
import pytest
from chosen import chosen
from cores import core_target
from test_tuned_plan import depthwise, layer

from pytest_mlbench.backends.aot.backend import AotBackend
from pytest_mlbench.backends.interface import GenerateRequest
from pytest_mlbench.kernels.interface import KernelCall, LowerContext, no_sources
from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.testing import THOROUGH, combine, spike

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pytest_mlbench.models.operators.layers import Layer
    from pytest_mlbench.testing import LayerCase

VARIANTS = {
    "tuned": (("tuned",), "rv32gc"),
    "rv64": (("tuned",), "rv64gc"),
    "dext": (("tuned", "dext"), "rv32gc"),
    "vext128": (("tuned", "vext"), "rv32gcv_zvl128b"),
    "vext256": (("tuned", "vext"), "rv32gcv_zvl256b"),
    "vext512": (("tuned", "vext"), "rv32gcv_zvl512b"),
    "vext1024": (("tuned", "vext"), "rv32gcv_zvl1024b"),
}
COUNT = 120
SEEDS = range(17) if THOROUGH else (1,)
"""2,000 layers in a thorough run."""

EACH = 4
"""Layers of a kernel, of those that are made."""

LEAST = 1000
"""Calls of fewer instructions are not compared: what a call itself takes is most of them."""

TOLERANCE = {"3": 0.1, "s": 0.2}
"""By optimisation level: at -Os, the C code around the assembly is not counted everywhere."""


@pytest.mark.spike
@pytest.mark.parametrize("variant", VARIANTS if THOROUGH else ("tuned", "rv64", "dext", "vext256"))
def test_predictions_are_within_ten_percent_of_what_is_counted(variant: str) -> None:
    kernels = _compared(network_layers.layers, COUNT, variant, "3")
    assert len(kernels) > 5, kernels


@pytest.mark.spike
@pytest.mark.parametrize("variant", VARIANTS if THOROUGH else ("tuned", "rv64"))
def test_predictions_at_os_are_within_twenty_percent(variant: str) -> None:
    kernels = _compared(network_layers.layers, COUNT, variant, "s")
    assert len(kernels) > 5, kernels


@pytest.mark.spike
@pytest.mark.parametrize("optimize", ["3", "s"])
@pytest.mark.parametrize("variant", VARIANTS if THOROUGH else ("tuned", "rv64", "vext256"))
def test_predictions_of_moves_and_pools_are_as_near(variant: str, optimize: str) -> None:
    kernels = _compared(moving_layers.layers, 52, variant, optimize)
    assert len(kernels) >= 10, kernels


@pytest.mark.spike
def test_predictions_of_winograd_are_as_near() -> None:
    kernels = _compared(_three_by_three, 12, "dext", "3", {"winograd": "on"})
    assert any("winograd" in kernel for kernel in kernels), kernels


@pytest.mark.spike
def test_predictions_of_xpulp_are_as_near(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a core, which is slow: few and small layers."""
    core_target("cv32e40p")
    monkeypatch.setattr(network_layers, "MOST_MACS", 12_000)
    monkeypatch.setitem(VARIANTS, "xpulp", (("tuned", "xpulp"), "rv32imc_xpulp"))
    kernels = _compared(_small, 14, "xpulp", "3")
    assert sum("xpulp" in kernel for kernel in kernels) > 4, kernels


def _three_by_three(count: int, seed: int) -> list[LayerCase]:
    generator = np.random.default_rng(seed)
    return [network_layers.three_by_three(generator) for _ in range(count)]


def _small(count: int, seed: int) -> list[LayerCase]:
    """Layers of the kinds that have a kernel for CORE-V SIMD."""
    generator = np.random.default_rng(seed)
    kinds = (
        network_layers.convolution,
        network_layers.depthwise,
        network_layers.mean,
        network_layers.rows,
    )
    return [kinds[number % len(kinds)](generator) for number in range(count)]


def _compared(
    layers: Callable[[int, int], list[LayerCase]],
    count: int,
    variant: str,
    optimize: str,
    config: Mapping[str, str] | None = None,
) -> set[str]:
    """The kernels of `count` layers of each seed, of which a usual run takes a few for each kernel.
    No prediction may be missing or too far off."""
    off, kernels, compared, run = [], set(), 0, 0
    for seed in SEEDS:
        cases = layers(count, seed)
        if not THOROUGH:
            features, isa = VARIANTS[variant]
            cases = chosen(cases, LowerContext(features, isa, "3", config or {}), EACH, 0)
        run += len(cases)
        for case, row, counted in _counted(cases, *VARIANTS[variant], optimize, config or {}):
            if row["library"] != "tuned" or counted < LEAST:
                continue
            compared += 1
            kernels.add(row["kernel"].removesuffix("_signed"))
            if "predicted" not in row:
                off.append(f"{row['kernel']} {case!r}: no prediction")
                continue
            error = row["predicted"] / counted - 1
            if abs(error) > TOLERANCE[optimize]:
                off.append(f"{row['kernel']} {case!r}: {counted:,} counted, {error:+.1%}")
    assert not off, "\n".join(off)
    assert compared > 0.5 * run, compared
    return kernels


def _counted(
    cases: list[LayerCase],
    features: tuple[str, ...],
    isa: str,
    optimize: str,
    config: Mapping[str, str],
) -> Iterator[tuple[LayerCase, dict[str, Any], int]]:
    """Each layer, its operator's row, and its instructions in the first sample."""
    model = combine(cases)
    request = GenerateRequest(
        graph=model.graph,
        model_data=b"",
        libraries=(TunedLibrary(),),
        features=features,
        isa=isa,
        optimize=optimize,
        config=config,
        sources=no_sources,
        profile=True,
    )
    generated = AotBackend().generate(request)
    sizes = tuple(model.graph.tensors[index].bytes for index in model.graph.outputs)
    ran, _ = spike.simulate(
        generated.components,
        [model.stdin(0)],
        sizes,
        optimize=optimize,
        isa=isa,
        defines=("MLBENCH_PROFILE",),
    )
    for case, row, count in zip(cases, generated.operators, ran.profile, strict=True):
        yield case, dict(row), count.instructions


def lowered(one: Layer, *features: str, isa: str = "rv32gc") -> KernelCall:
    call = TunedLibrary().lower(one, LowerContext(("tuned", *features), isa, "3"))
    assert call is not None
    return call


def predicted(call: KernelCall, *defines: str) -> int:
    assert call.predict is not None
    return call.predict(defines or call.defines)


def test_a_prediction_depends_on_what_the_build_knows() -> None:
    """The assembler knows the channels of 3x3 layers if they all agree."""
    for features in ((), ("dext",)):
        call = lowered(depthwise((25, 5, 64)), *features)
        known, unknown = predicted(call), predicted(call, "MLBENCH_TUNED_OTHER")
        assert known < unknown < 1.25 * known


def test_rounding_below_zero_costs_every_layer_of_the_build() -> None:
    call = lowered(layer((25, 5, 64), (1, 1, 64)), "dext")
    assert call.kernel == "conv2d_pairs_expanded_signed" or call.kernel == "conv2d_pairs_expanded"
    assert predicted(call, "MLBENCH_TUNED_PAIRS_SIGNED") > predicted(call, "NONE")


def test_predictions_scale_with_a_layer() -> None:
    small, large = layer((16, 16, 16), (3, 3, 16)), layer((32, 32, 16), (3, 3, 16))
    for features, isa in VARIANTS.values():
        less, more = (predicted(lowered(one, *features[1:], isa=isa)) for one in (small, large))
        assert 2.5 < more / less < 5


def test_a_kernel_without_a_formula_has_no_prediction() -> None:
    call = replace(lowered(layer((8, 8, 8), (3, 3, 8))), function="mlbench_tuned_other")
    from pytest_mlbench.kernels.tuned.predict import prediction
    from pytest_mlbench.kernels.tuned.predict.facts import Machine

    assert prediction(call, Machine(32)) is None
