"""The glue of tflmi on Spike, with a double of the framework."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from bare_metal import HELLO
from libraries.small_models import depthwise

from pytest_mlbench.case import Case
from pytest_mlbench.errors import SimulationFailed
from pytest_mlbench.firmware.build import build
from pytest_mlbench.firmware.components import Component
from pytest_mlbench.measure.chain import Chain, run_case
from pytest_mlbench.measure.registry import Model
from pytest_mlbench.measure.validation.golden import golden
from pytest_mlbench.models.tflite.builder import GraphBuilder

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.measure.registry import Registry
    from pytest_mlbench.measure.toolbox import Toolbox
    from pytest_mlbench.records.record import Record

pytestmark = pytest.mark.spike


@pytest.mark.parametrize(
    ("features", "level"), [((), "s"), (("cmsisnn",), "3"), (("muriscvnn",), "3")]
)
def test_a_model_runs_in_the_arena_that_the_first_run_found(
    features: tuple[str, ...],
    level: str,
    toolbox_with: Callable[..., Toolbox],
    known: Registry,
    passed: Callable[[Record], Record],
) -> None:
    case = Case("toycar_twin", "tflmi", features, level)
    record = passed(run_case(case, toolbox_with(), known))
    metrics = record.metrics
    assert metrics["arena_peak"] <= metrics["arena_declared"] <= metrics["arena_peak"] + 1024
    assert metrics["ram_bss"] >= metrics["arena_declared"]
    assert "arena_bound" not in metrics
    assert metrics["setup_cycles"] > 0
    assert set(record.provenance["libraries"]) == {"tflm", *features}
    flags = record.provenance["flags"]
    assert {"framework", "kernels", "glue", "model", *features} <= set(flags)


def dense(depth: int, outputs: int, scales: int = 1) -> bytes:
    """One FULLY_CONNECTED; `scales` of its weights."""
    generator = np.random.default_rng(depth)
    build = GraphBuilder("dense")
    x = build.input("x", (1, depth), scale=0.5, zero_point=3)
    values = generator.integers(-127, 128, (outputs, depth), dtype=np.int8)
    weights = build.constant("w", values, scale=[0.01] * scales)
    y = build.activation("y", (1, outputs), scale=0.25 * depth, zero_point=-5)
    build.op("FULLY_CONNECTED", [x, weights, -1], [y])
    return build.model([y])


@pytest.mark.parametrize(
    ("size", "features"),
    [
        ((4, 1), ()),
        ((24, 24), ()),
        ((16, 4), ("muriscvnn",)),  # with kernel sums
        ((64, 40), ("muriscvnn",)),
    ],
    ids=str,
)
def test_the_smallest_arena_of_a_small_model_holds_what_setting_up_needs(
    size: tuple[int, int],
    features: tuple[str, ...],
    toolbox_with: Callable[..., Toolbox],
    known: Registry,
    passed: Callable[[Record], Record],
) -> None:
    """While tensors are set up, more is in the arena than at the end: temporaries, which the
    allocator lets the tail grow into without a word. The arena that is declared holds them."""
    case = Case("dense", "tflmi", features)
    some = replace(known, models={"dense": Model("dense", build=partial(dense, *size))})
    metrics = passed(run_case(case, toolbox_with(), some)).metrics
    assert metrics["arena_declared"] > metrics["arena_peak"]
    # One step of the search and one alignment less is too little.
    chain = Chain(case, toolbox_with(), some)
    probed = (metrics["arena_peak"], metrics["arena_declared"] - 80)
    made = some.backend("tflmi").generate(chain.request(probe=probed))
    try:
        found = chain.run(chain.build(made), chain.model.samples)
    except SimulationFailed:
        return
    assert found.outputs != golden(chain.model, chain.toolbox.cache, timeout=60.0).outputs


def test_operators_are_counted_one_by_one(
    toolbox_with: Callable[..., Toolbox], known: Registry, passed: Callable[[Record], Record]
) -> None:
    record = passed(run_case(Case("toycar_twin", "tflmi"), toolbox_with(profile=True), known))
    assert len(record.operators) == 10
    assert all(row["instructions"] > 0 for row in record.operators)
    counted = sum(row["instructions"] for row in record.operators)
    assert abs(counted - record.metrics["run_instructions"]) < counted // 50


def product() -> bytes:
    """One MUL."""
    build = GraphBuilder("product")
    x = build.input("x", (1, 8), scale=0.5, zero_point=3)
    y = build.activation("y", (1, 8), scale=0.5, zero_point=-5)
    build.op("MUL", [x, x], [y], fused_activation_function="NONE")
    return build.model([y])


def test_an_operator_that_the_framework_lacks_fails_the_run_with_a_code(
    toolbox_with: Callable[..., Toolbox], known: Registry
) -> None:
    """The double registers MUL but cannot execute it: AllocateTensors() says no."""
    some = replace(known, models={"product": Model("product", build=product)})
    record = run_case(Case("product", "tflmi"), toolbox_with(), some)
    assert record.outcome == "failed"
    assert "code 3 (AllocateTensors() failed" in record.reason


def test_a_trap_inside_a_library_that_the_framework_calls_is_explained(
    toolbox_with: Callable[..., Toolbox], known: Registry
) -> None:
    """muRISCV-NN loads words at odd addresses where channels are no multiple of 4. The framework
    calls it all the same."""
    some = replace(known, models={"dw": Model("dw", build=partial(depthwise, 6))})
    record = run_case(Case("dw", "tflmi", ("muriscvnn",)), toolbox_with(), some)
    assert record.outcome == "failed"
    assert "misaligned load" in record.reason
    assert "in muriscv_nn_depthwise_conv_3x3_s8" in record.reason
    assert "Known: muRISCV-NN, operator 0 DEPTHWISE_CONV_2D" in record.reason


def test_weights_with_a_scale_per_output_are_no_matter_of_the_arena(
    toolbox_with: Callable[..., Toolbox], known: Registry
) -> None:
    """The pinned version refuses them while it prepares the layer, however large the arena is."""
    some = replace(known, models={"dense": Model("dense", build=partial(dense, 16, 4, scales=4))})
    record = run_case(Case("dense", "tflmi"), toolbox_with(), some)
    assert record.outcome == "failed"
    assert "code 3 (AllocateTensors() failed: TFLM cannot set this model up)" in record.reason
    assert "Known: TensorFlow Lite Micro before 24 September 2024, operator 0" in record.reason
    assert "too small" not in record.reason


def test_two_builds_give_the_same_files(
    toolbox_with: Callable[..., Toolbox], known: Registry, tmp_path: Path
) -> None:
    """In the run's cache, and in one at another place that has nothing but compilers. Two of the
    framework's files; their archive has the debug information that a firmware would leave out."""
    toolbox = toolbox_with()
    chain = Chain(Case("toycar_twin", "tflmi"), toolbox, known)
    made = known.backend("tflmi").generate(chain.request())
    (whole,) = (each for each in made.components if each.name == "framework")
    names = ("micro_interpreter.cc", "single_arena_buffer_allocator.cc")
    framework = replace(whole, sources=tuple(p for p in whole.sources if p.name in names))
    assert len(framework.sources) == len(names)
    components = (Component("model", texts={"model.c": HELLO}), framework)
    place = tmp_path / "another place"
    (place / "debian").mkdir(parents=True)
    for one in sorted((toolbox.cache.root / "debian").glob("*-*")):
        if one.name.startswith("cxx-"):  # its path is in no firmware, whatever the cache's place
            shutil.copytree(one, place / "debian" / one.name, symlinks=True, copy_function=os.link)
        else:
            (place / "debian" / one.name).symlink_to(one)
    archives = {}
    for there in (toolbox, toolbox_with(cache=place, offline=True)):
        built = build(
            components,
            target=chain.target,
            isa=chain.isa,
            optimize="3",
            toolchain=there.toolchain_for(chain.isa, components),
            cache=there.cache,
            name="tflmi",
        )
        linked = built.map_file.read_text(encoding="utf-8")
        (archive,) = set(re.findall(r"^LOAD (.*/libframework\.a)$", linked, re.MULTILINE))
        archives[archive] = Path(archive).read_bytes(), built.sha256
    here, elsewhere = archives
    assert elsewhere.startswith(f"{place}/libraries/")
    assert archives[here] == archives[elsewhere]
    assert f"{tmp_path}".encode() not in archives[here][0]


@pytest.mark.parametrize("backend", ["aot", "tflmi"])
def test_an_unreachable_source_skips_the_case_and_strict_fails_it(
    backend: str, toolbox_with: Callable[..., Toolbox], known: Registry
) -> None:
    case = Case("toycar_twin", backend, ("cmsisnn",))
    record = run_case(case, toolbox_with(sources={}, offline=True), known)
    if record.outcome == "passed":
        pytest.skip("the sources are in the cache of this machine")
    assert record.outcome == "skipped"
    assert "not available" in record.reason
    assert "--mlbench-source" in record.reason
    strict = run_case(case, toolbox_with(sources={}, offline=True, strict=True), known)
    assert strict.outcome == "failed"
    other = run_case(Case("toycar_twin"), toolbox_with(sources={}, offline=True), known)
    assert other.outcome == "passed", other.reason
