"""The reference kernels against TensorFlow Lite Micro, one operator at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.testing import LAYERS, check_layers, given_layers

if TYPE_CHECKING:
    from pytest_mlbench.testing import LayerCase

pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")


@pytest.mark.parametrize("kind", sorted(LAYERS))
def test_reference_equals_tflm(kind: str) -> None:
    @given_layers(LAYERS[kind])
    def run(cases: list[LayerCase]) -> None:
        check_layers(cases)

    run()
