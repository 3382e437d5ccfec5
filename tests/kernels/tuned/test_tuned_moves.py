"""Operators that move or resample values, on random layers against TensorFlow Lite Micro."""

from __future__ import annotations

import pytest
from proofs import on_runners, prove

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
@on_runners(TUNED, TUNED)
def test_equals_tflm(kinds: list[str], variant: str, runner: str) -> None:
    operators = prove({kind: LAYERS[kind] for kind in kinds}, variant, runner)
    for kind in kinds:
        libraries = {row["library"] for row in operators[kind] if row["name"] == kind}
        assert "tuned" in libraries, f"no {kind} ran on a tuned kernel"
