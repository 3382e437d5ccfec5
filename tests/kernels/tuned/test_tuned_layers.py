"""The tuned kernels, and the reference kernels, on random layers against TensorFlow Lite Micro, on
the host and on Spike."""

from __future__ import annotations

import pytest
from proofs import VARIANTS, on_runners, prove
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

ON_HOST = ("tuned", "rv64", "dext", "xpulp", "vext128", "vext512")
"""Xpulp runs here alone: test_tuned_xpulp.py has a few layers on the core."""


@pytest.mark.kinds(sorted(SETS), at_once=len(SETS))
@on_runners(VARIANTS, ON_HOST)
def test_equals_tflm(kinds: list[str], variant: str, runner: str) -> None:
    """What the library does not cover runs on the reference kernels."""
    operators = prove({kind: SETS[kind] for kind in kinds}, variant, runner)
    wanted = "reference" if variant == "none" else "tuned"
    for kind in kinds:
        name = kind.partition("-")[2]
        libraries = {row["library"] for row in operators[kind] if row["name"] == name}
        assert wanted in libraries, f"no {kind} ran on a {wanted} kernel"
