"""The tuned kernels, and the reference kernels, on random layers against TensorFlow Lite Micro, on
Spike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shapes import USUAL

from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.testing import LAYERS, THOROUGH, check_layers, given_layers

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from pytest_mlbench.testing import LayerCase

pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")

KINDS = (
    "ADD",
    "AVERAGE_POOL_2D",
    "CONV_2D",
    "DEPTHWISE_CONV_2D",
    "FULLY_CONNECTED",
    "HARD_SWISH",
    "LEAKY_RELU",
    "LOGISTIC",
    "MAX_POOL_2D",
    "MEAN",
    "MUL",
    "QUANTIZE",
    "RELU",
    "RELU6",
    "SOFTMAX",
    "SUB",
    "TANH",
)

VARIANTS = {
    "none": ((), "rv32gc"),
    "tuned": (("tuned",), "rv32gc"),
    "rv32imc": (("tuned",), "rv32imc"),
    "rv64": (("tuned",), "rv64gc"),
    "dext": (("tuned", "dext"), "rv32gc"),
    "dext-rv64": (("tuned", "dext"), "rv64gc"),
    "vext128": (("tuned", "vext"), "rv32gcv_zvl128b"),
    "vext256": (("tuned", "vext"), "rv32gcv_zvl256b"),
    "vext512": (("tuned", "vext"), "rv32gcv_zvl512b"),
    "vext1024": (("tuned", "vext"), "rv32gcv_zvl1024b"),
}

LEVELS = ("0", "s", "2", "3") if THOROUGH else ("3",)
"""Every layer runs at each of these."""


@pytest.mark.spike
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("kind", KINDS)
def test_equals_tflm(kind: str, variant: str) -> None:
    """Any legal layer: what the library does not cover runs on the reference kernels."""
    check(LAYERS[kind], kind, variant)


@pytest.mark.spike
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("kind", sorted(USUAL))
def test_usual_layers_equal_tflm(kind: str, variant: str) -> None:
    """Layers as networks have them: what the fastest kernels are for."""
    check(USUAL[kind], kind, variant)


def check(layers: SearchStrategy[LayerCase], kind: str, variant: str) -> None:
    features, isa = VARIANTS[variant]

    @given_layers(layers, few=24)
    def run(cases: list[LayerCase]) -> None:
        for level in LEVELS:
            generated = check_layers(
                cases,
                libraries=(TunedLibrary(),) if features else (),
                features=features,
                isa=isa,
                optimize=level,
                runner="spike",
            )
        libraries = {row["library"] for row in generated.operators if row["name"] == kind}
        wanted = "tuned" if features else "reference"
        assert wanted in libraries, f"no {kind} of {len(cases)} ran on a {wanted} kernel"

    run()
