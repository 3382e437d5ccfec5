"""The tuned kernels' C, and their assembly's C twins, under the host's sanitizers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shapes import AVERAGES, USUAL

from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.testing import LAYERS, check_layers, given_layers

if TYPE_CHECKING:
    from pytest_mlbench.testing import LayerCase

pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")

VARIANTS = {
    "tuned": (("tuned",), "rv32gc"),
    "rv64": (("tuned",), "rv64gc"),
    "dext": (("tuned", "dext"), "rv32gc"),
    "xpulp": (("tuned", "xpulp"), "rv32imc_xpulp"),
    "vext128": (("tuned", "vext"), "rv32gcv_zvl128b"),
    "vext512": (("tuned", "vext"), "rv32gcv_zvl512b"),
}
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
    **{f"usual-{k}": USUAL[k] for k in USUAL},
}
WORDS = {f"words-{kind}": layers for kind, layers in AVERAGES.items()}


@pytest.mark.parametrize(
    ("layers", "variant"),
    [
        *((layers, variant) for layers in sorted(SETS) for variant in VARIANTS),
        *((layers, "xpulp") for layers in WORDS),
    ],
)
def test_no_sanitizer_complains_and_outputs_are_equal(layers: str, variant: str) -> None:
    features, isa = VARIANTS[variant]

    @given_layers({**SETS, **WORDS}[layers], few=12)
    def run(cases: list[LayerCase]) -> None:
        check_layers(cases, libraries=(TunedLibrary(),), features=features, isa=isa)

    run()
