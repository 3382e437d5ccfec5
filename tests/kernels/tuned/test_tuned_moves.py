"""Operators that move or resample values, on random layers against TensorFlow Lite Micro."""

from __future__ import annotations

import pytest
from proofs import prove_on_host, prove_on_spike

from pytest_mlbench.testing import LAYERS

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
TUNED = ("tuned", "rv64", "vext128", "vext512")


@pytest.mark.parametrize("variant", TUNED)
@pytest.mark.parametrize("kind", KINDS)
def test_no_sanitizer_complains_and_outputs_are_equal(kind: str, variant: str) -> None:
    prove_on_host(LAYERS[kind], variant, few=12)


@pytest.mark.spike
@pytest.mark.parametrize("variant", TUNED)
@pytest.mark.parametrize("kind", KINDS)
def test_equals_tflm(kind: str, variant: str) -> None:
    operators = prove_on_spike(LAYERS[kind], variant, few=24)
    assert "tuned" in {row["library"] for row in operators if row["name"] == kind}
