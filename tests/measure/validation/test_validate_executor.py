"""The numpy executor against TensorFlow Lite Micro, one operator at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.measure.validation.outputs import compare
from pytest_mlbench.models.operators.numpy_reference import execute
from pytest_mlbench.testing import LAYERS, given_layers
from pytest_mlbench.testing.golden import golden
from pytest_mlbench.testing.model import combine

if TYPE_CHECKING:
    from pytest_mlbench.testing import LayerCase

pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")


@pytest.mark.parametrize("kind", sorted(LAYERS))
def test_the_executor_equals_tflm(kind: str) -> None:
    @given_layers(LAYERS[kind])
    def run(cases: list[LayerCase]) -> None:
        model = combine(cases)
        samples = [[array.tobytes() for array in row] for row in model.samples]
        result = compare(model.graph, execute(model.graph, samples), golden(model))
        assert not result.mismatch

    run()
