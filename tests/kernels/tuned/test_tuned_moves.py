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


@pytest.mark.kinds(KINDS, at_once=len(KINDS))
@pytest.mark.parametrize("variant", TUNED)
def test_no_sanitizer_complains_and_outputs_are_equal(kinds: list[str], variant: str) -> None:
    prove_on_host({kind: LAYERS[kind] for kind in kinds}, variant)


@pytest.mark.spike
@pytest.mark.kinds(KINDS, at_once=len(KINDS))
@pytest.mark.parametrize("variant", TUNED)
def test_equals_tflm(kinds: list[str], variant: str) -> None:
    operators = prove_on_spike({kind: LAYERS[kind] for kind in kinds}, variant)
    for kind in kinds:
        libraries = {row["library"] for row in operators[kind] if row["name"] == kind}
        assert "tuned" in libraries, f"no {kind} ran on a tuned kernel"
