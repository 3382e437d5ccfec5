"""The reference kernels in C and the numpy references against TensorFlow Lite Micro, on layers of
every operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.models.operators.numpy_reference import execute
from pytest_mlbench.testing import LAYERS, check_models, combine, given_layers
from pytest_mlbench.testing.check import compare
from pytest_mlbench.testing.golden import golden

if TYPE_CHECKING:
    from pytest_mlbench.testing import LayerCase, ModelCase

pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")


@pytest.mark.kinds(sorted(LAYERS), at_once=7)
def test_reference_equals_tflm(kinds: list[str]) -> None:
    @given_layers(*(LAYERS[kind] for kind in kinds))
    def run(cases: list[LayerCase]) -> None:
        model = combine(cases)
        check_numpy(model)
        check_models([model])

    run()


def check_numpy(model: ModelCase) -> None:
    samples = [[array.tobytes() for array in row] for row in model.samples]
    try:
        compare(model, execute(model.graph, samples), golden(model))
    except AssertionError as error:
        raise AssertionError(f"numpy: {error}") from error
