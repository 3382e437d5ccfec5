"""The tuned kernels, and the reference kernels, on random layers against TensorFlow Lite Micro, on
Spike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proofs import VARIANTS, prove_on_spike
from shapes import USUAL

from pytest_mlbench.testing import LAYERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
@pytest.mark.kinds(KINDS, at_once=6)
@pytest.mark.parametrize("variant", ON_SPIKE)
def test_equals_tflm(kinds: list[str], variant: str) -> None:
    """Any legal layer: what the library does not cover runs on the reference kernels."""
    check(LAYERS, kinds, variant)


@pytest.mark.spike
@pytest.mark.kinds(sorted(USUAL), at_once=3)
@pytest.mark.parametrize("variant", ON_SPIKE)
def test_usual_layers_equal_tflm(kinds: list[str], variant: str) -> None:
    """Layers as networks have them: what the fastest kernels are for."""
    check(USUAL, kinds, variant)


def check(
    layers: Mapping[str, SearchStrategy[LayerCase]], kinds: Sequence[str], variant: str
) -> None:
    operators = prove_on_spike({kind: layers[kind] for kind in kinds}, variant, few=24)
    wanted = "reference" if variant == "none" else "tuned"
    for kind in kinds:
        libraries = {row["library"] for row in operators[kind] if row["name"] == kind}
        assert wanted in libraries, f"no {kind} ran on a {wanted} kernel"
