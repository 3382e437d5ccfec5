"""A state that is reset between samples, against TensorFlow Lite Micro's reset."""

from __future__ import annotations

import pytest

from pytest_mlbench.models.operators.numpy_reference import execute
from pytest_mlbench.testing import LAYERS, check_layers, combine, given_layers
from pytest_mlbench.testing.golden import golden

pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")

STATEFUL = ("CALL_ONCE", "READ_VARIABLE", "SVDF", "UNIDIRECTIONAL_SEQUENCE_LSTM")


@pytest.mark.parametrize("kind", STATEFUL)
def test_every_sample_starts_anew(kind: str) -> None:
    @given_layers(LAYERS[kind], few=6)
    def run(cases) -> None:
        check_layers(cases, config={"reset": "on"})
        model = combine(cases)
        samples = [[array.tobytes() for array in row] for row in model.samples]
        wanted = [tuple(row) for row in golden(model, reset=True)]
        assert list(execute(model.graph, samples, reset=True)) == wanted
        assert wanted != [tuple(row) for row in golden(model)]

    run()
