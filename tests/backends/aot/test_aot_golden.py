"""What the `aot` backend writes for a model of three operators, in full.

`golden/three_operators.c.txt` is for reading: how tensors, constants and calls look in C. A change
that is meant is accepted by running this file with MLBENCH_ACCEPT_GOLDEN=1 in the environment.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.backends.aot.backend import AotBackend
from pytest_mlbench.backends.interface import GenerateRequest
from pytest_mlbench.kernels.interface import no_sources
from pytest_mlbench.models.tflite.builder import GraphBuilder

if TYPE_CHECKING:
    from pytest_mlbench.models.tflite.graph import Graph

GOLDEN = Path(__file__).with_name("golden") / "three_operators.c.txt"


def three_operators() -> Graph:
    """FULLY_CONNECTED 4 to 3, RESHAPE to a column, SOFTMAX: a layer, an alias and a table."""
    build = GraphBuilder("three_operators")
    x = build.input("x", (1, 4), scale=0.5, zero_point=3)
    weights = build.constant("w", np.arange(-6, 6, dtype=np.int8).reshape(3, 4), scale=0.01)
    bias = build.constant("b", np.array([100, -200, 300], np.int32), scale=0.005)
    y = build.activation("y", (1, 3), scale=0.25, zero_point=-5)
    build.op("FULLY_CONNECTED", [x, weights, bias], [y], fused_activation_function="RELU")
    flat = build.activation("flat", (3,), scale=0.25, zero_point=-5)
    build.op("RESHAPE", [y], [flat], new_shape=(3,))
    p = build.activation("p", (3,), scale=1 / 256, zero_point=-128)
    build.op("SOFTMAX", [flat], [p], beta=1.0)
    return build.finish([p])


def generated() -> str:
    """The model's C file."""
    request = GenerateRequest(
        graph=three_operators(),
        model_data=b"",
        libraries=(),
        features=(),
        isa="rv32gc",
        optimize="3",
        config={},
        sources=no_sources,
    )
    return AotBackend().generate(request).components[0].texts["model.c"]


def test_the_generated_file_is_the_one_that_is_shown() -> None:
    text = generated()
    if os.environ.get("MLBENCH_ACCEPT_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")
