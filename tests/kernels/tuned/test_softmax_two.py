"""SOFTMAX over two values, for many rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import strategies as st
from proofs import on_runners, prove

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d
from pytest_mlbench.testing.model import LayerCase

if TYPE_CHECKING:
    from numpy.typing import NDArray

pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")

TUNED = ("tuned", "rv64", "vext128", "vext512")


@st.composite
def masks(draw: d.Draw) -> LayerCase:
    """Rows of two values; some of all differences that there are."""
    rows = draw(st.integers(64, 700))
    build, generator = GraphBuilder(), d.rng(draw)
    scale = draw(st.sampled_from([1 / 256, 1 / 16, 0.1, 0.5, 3.0]))
    x = build.input("x", (1, rows, 2), scale=scale, zero_point=draw(d.ZERO_POINTS))
    y = build.activation("y", (1, rows, 2), scale=1 / 256, zero_point=-128)
    build.op("SOFTMAX", [x], [y], beta=draw(st.sampled_from([1.0, 1.0, 0.7])))
    graph = build.finish([y])
    samples = d.activations(generator, graph.tensors[x])
    samples[0] = differences(rows)
    return LayerCase(graph, tuple((sample,) for sample in samples))


def differences(rows: int) -> NDArray[np.int8]:
    """[1, rows, 2]: -255, -254, ... and again from the start."""
    wanted = np.arange(rows) % 511 - 255
    first = wanted // 2
    return np.stack([first, first - wanted], axis=1).astype(np.int8)[None]


MASKS = masks()


@on_runners(TUNED, TUNED)
def test_equals_tflm(variant: str, runner: str) -> None:
    operators = prove({"masks": MASKS}, variant, runner, drawn=6)["masks"]
    kernels = {row["kernel"].removeprefix("vector_") for row in operators}
    assert kernels == {"softmax_two"}
