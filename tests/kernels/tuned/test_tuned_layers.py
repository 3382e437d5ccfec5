"""The tuned kernels, and the reference kernels, on random layers against TensorFlow Lite Micro, on
Spike."""

from __future__ import annotations

import pytest
from proofs import VARIANTS, prove_on_spike
from shapes import USUAL

from pytest_mlbench.testing import LAYERS

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

SETS = {
    **{f"any-{kind}": LAYERS[kind] for kind in KINDS},
    **{f"usual-{kind}": USUAL[kind] for kind in USUAL},
}
"""Any legal layers, and layers as networks have them: what the fastest kernels are for."""

ON_SPIKE = [name for name in VARIANTS if name != "xpulp"]
"""Spike has no Xpulp: test_tuned_xpulp.py runs these kernels on the core."""


@pytest.mark.spike
@pytest.mark.kinds(sorted(SETS), at_once=len(SETS))
@pytest.mark.parametrize("variant", ON_SPIKE)
def test_equals_tflm(kinds: list[str], variant: str) -> None:
    """What the library does not cover runs on the reference kernels."""
    operators = prove_on_spike({kind: SETS[kind] for kind in kinds}, variant)
    wanted = "reference" if variant == "none" else "tuned"
    for kind in kinds:
        name = kind.partition("-")[2]
        libraries = {row["library"] for row in operators[kind] if row["name"] == name}
        assert wanted in libraries, f"no {kind} ran on a {wanted} kernel"
