"""Operators that move or resample values, on random layers against TensorFlow Lite Micro."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from test_tuned_layers import LEVELS, VARIANTS

from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.testing import LAYERS, check_layers, given_layers

if TYPE_CHECKING:
    from pytest_mlbench.testing import LayerCase

pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")

KINDS = (
    "CONCATENATION",
    "MIRROR_PAD",
    "PAD",
    "RESIZE_BILINEAR",
    "RESIZE_NEAREST_NEIGHBOR",
    "SLICE",
    "SPLIT",
    "SPLIT_V",
    "STRIDED_SLICE",
    "TRANSPOSE",
    "TRANSPOSE_CONV",
)
TUNED = {name: VARIANTS[name] for name in ("tuned", "rv64", "vext128", "vext512")}


@pytest.mark.parametrize("variant", TUNED)
@pytest.mark.parametrize("kind", KINDS)
def test_no_sanitizer_complains_and_outputs_are_equal(kind: str, variant: str) -> None:
    features, isa = TUNED[variant]

    @given_layers(LAYERS[kind], few=12)
    def run(cases: list[LayerCase]) -> None:
        check_layers(cases, libraries=(TunedLibrary(),), features=features, isa=isa)

    run()


@pytest.mark.spike
@pytest.mark.parametrize("variant", TUNED)
@pytest.mark.parametrize("kind", KINDS)
def test_equals_tflm(kind: str, variant: str) -> None:
    features, isa = TUNED[variant]

    @given_layers(LAYERS[kind], few=24)
    def run(cases: list[LayerCase]) -> None:
        for level in LEVELS:
            generated = check_layers(
                cases,
                libraries=(TunedLibrary(),),
                features=features,
                isa=isa,
                optimize=level,
                runner="spike",
            )
        assert "tuned" in {row["library"] for row in generated.operators if row["name"] == kind}

    run()
