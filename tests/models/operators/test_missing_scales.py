"""Tensors without a scale where an operator needs one are refused, whatever their type."""

from __future__ import annotations

import pytest

from pytest_mlbench.models.operators.lower import lower_all
from pytest_mlbench.models.tflite.builder import GraphBuilder


@pytest.mark.parametrize("scale", [None, 0.5])
def test_quantize_needs_the_scale_of_an_int32(scale: float | None) -> None:
    build = GraphBuilder("quantize")
    known = {} if scale is None else {"scale": scale, "zero_point": 0}
    x = build.input("x", (1, 4), "int32", **known)
    y = build.op("QUANTIZE", [x], [build.activation("y", (1, 4), scale=1.0, zero_point=3)])
    layers, problems = lower_all(build.finish([y]))
    assert (layers[0] is None) is (scale is None)
    assert problems == ({0: "from int32 without a scale"} if scale is None else {})
