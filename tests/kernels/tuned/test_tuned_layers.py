"""The tuned kernels, and the reference kernels, on random layers against TensorFlow Lite Micro, on
Spike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proofs import VARIANTS, prove_on_spike
from shapes import USUAL

from pytest_mlbench.testing import LAYERS

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

ON_SPIKE = [name for name in VARIANTS if name != "xpulp"]
"""Spike has no Xpulp: test_tuned_xpulp.py runs these kernels on the core."""


@pytest.mark.spike
@pytest.mark.parametrize("variant", ON_SPIKE)
@pytest.mark.parametrize("kind", KINDS)
def test_equals_tflm(kind: str, variant: str) -> None:
    """Any legal layer: what the library does not cover runs on the reference kernels."""
    check(LAYERS[kind], kind, variant)


@pytest.mark.spike
@pytest.mark.parametrize("variant", ON_SPIKE)
@pytest.mark.parametrize("kind", sorted(USUAL))
def test_usual_layers_equal_tflm(kind: str, variant: str) -> None:
    """Layers as networks have them: what the fastest kernels are for."""
    check(USUAL[kind], kind, variant)


def check(layers: SearchStrategy[LayerCase], kind: str, variant: str) -> None:
    operators = prove_on_spike(layers, variant, few=24)
    libraries = {row["library"] for row in operators if row["name"] == kind}
    wanted = "reference" if variant == "none" else "tuned"
    assert wanted in libraries, f"no {kind} of {len(operators)} ran on a {wanted} kernel"
