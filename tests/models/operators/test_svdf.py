"""SVDF: what a model lacks is told."""

from __future__ import annotations

import numpy as np

from pytest_mlbench.models.operators.fold import fold
from pytest_mlbench.models.operators.lower import lower_all
from pytest_mlbench.models.tflite.builder import GraphBuilder


def test_one_without_a_state_is_refused() -> None:
    build = GraphBuilder()
    x = build.input("x", (1, 4), scale=0.1)
    features = build.constant("features", np.ones((2, 4), np.int8), scale=0.1)
    times = build.constant("times", np.ones((2, 3), np.int16), scale=0.1)
    bias = build.constant("bias", np.zeros(2, np.int32), scale=0.01)
    y = build.activation("y", (1, 2), scale=0.1)
    build.op("SVDF", [x, features, times, bias], [y], rank=1)
    _, problems = lower_all(fold(build.finish([y])))
    assert "it has no state" in problems[0]
