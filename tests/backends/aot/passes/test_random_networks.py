"""Models made of what passes fold, against TensorFlow Lite Micro."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from networks_to_fold import networks

from pytest_mlbench.backends.aot.passes import optimise
from pytest_mlbench.backends.aot.passes.program import Program
from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.models.operators.fold import fold
from pytest_mlbench.models.operators.lower import lower
from pytest_mlbench.testing import ModelCase, check_models
from pytest_mlbench.testing.profiles import THOROUGH

pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")

VARIANTS = {
    "none": ((), "rv32gc"),
    "tuned": (("tuned",), "rv32gc"),
    "rv64": (("tuned",), "rv64gc"),
    "dext": (("tuned", "dext"), "rv32gc"),
    "vext128": (("tuned", "vext"), "rv32gcv_zvl128b"),
    "vext512": (("tuned", "vext"), "rv32gcv_zvl512b"),
}


@cache
def drawn(count: int) -> list[ModelCase]:
    """So many models, always the same ones unless run thoroughly."""
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


def folded(model: ModelCase) -> Counter[str]:
    """How many operators of each kind have gone into others."""
    graph = fold(model.graph)
    program = optimise(Program(graph, lower(graph)))
    return Counter(graph.operators[place].kind for place in program.inside)


def check(runner: str, features: tuple[str, ...], isa: str, count: int) -> None:
    libraries = (TunedLibrary(),) if features else ()
    models = [model for model in drawn(count) if folded(model)]
    assert len(models) > count // 4, "too few of them have anything to fold"
    for model in models:
        check_models(
            [model],
            libraries=libraries,
            features=features,
            runner=runner,
            isa=isa,
            optimize="3" if runner == "spike" else "1",
        )


def test_most_kinds_of_folds_are_among_them() -> None:
    found: Counter[str] = Counter()
    for model in drawn(100):
        found += folded(model)
    assert {"PAD", "PADV2", "RELU", "RELU6", "QUANTIZE"} <= set(found)
    assert {"LOGISTIC", "TANH", "HARD_SWISH"} & set(found)


def test_models_equal_tflm_on_the_host() -> None:
    check("host", (), "rv32gc", 400 if THOROUGH else 10)


@pytest.mark.spike
@pytest.mark.parametrize("variant", VARIANTS)
def test_models_equal_tflm_on_spike(variant: str) -> None:
    features, isa = VARIANTS[variant]
    check("spike", features, isa, 300 if THOROUGH else 4)
