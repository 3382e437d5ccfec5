"""The published comparison of muRISCV-NN with CMSIS-NN, measured anew, and beside it what the
built-in backend makes of the same kernels.

When all twelve published cases ran, the end of the run shows them side by side with the published
figures. Where a source cannot be fetched its cases are skipped, and the end of the run says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_mlbench.plugin.benchmark import Bench


@pytest.mark.mlbench(
    models=["aww", "resnet"],
    backends=["tflmi"],
    features=["_", "cmsisnn", "muriscvnn"],
    optimize=["3", "s"],
)
def test_published(mlbench: Bench) -> None:
    """TensorFlow Lite Micro's interpreter: alone, with CMSIS-NN, with muRISCV-NN."""
    mlbench.run()


@pytest.mark.mlbench(
    models=["aww", "resnet"],
    backends=["aot"],
    features=["tuned", "cmsisnn", "muriscvnn"],
    optimize=["3", "s"],
)
def test_ahead_of_time(mlbench: Bench) -> None:
    """The same libraries and the project's own kernels without an interpreter; the reference
    kernels are in test_zoo.py."""
    mlbench.run()
