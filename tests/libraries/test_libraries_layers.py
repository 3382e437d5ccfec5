"""Random layers through the adapters and a double, compared with TensorFlow Lite Micro.

On the host under sanitizers, so that many layers take seconds; `test_libraries_spike.py` runs the
same on Spike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from libraries import doubles

from pytest_mlbench.kernels.cmsisnn import CMSISNN
from pytest_mlbench.testing import LAYERS, check_layers, given_layers

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_mlbench.testing import LayerCase

COVERED = (
    "ADD",
    "AVERAGE_POOL_2D",
    "CONV_2D",
    "DEPTHWISE_CONV_2D",
    "FULLY_CONNECTED",
    "MAX_POOL_2D",
    "MUL",
    "SOFTMAX",
)


def test_random_layers_are_bit_exact() -> None:
    """Layers of all kinds in one program: the library is compiled for it anyway."""
    drawn: dict[str, list[list[LayerCase]]] = {kind: [] for kind in COVERED}
    for kind, batches in drawn.items():
        given_layers(LAYERS[kind])(batches.append)()
    ran: dict[str, set[str]] = {}
    for batch in zip(*drawn.values(), strict=True):
        made = check_layers(
            [case for cases in batch for case in cases],
            libraries=(CMSISNN,),
            features=("cmsisnn",),
            sources=lambda _: doubles.CMSIS_NN,
        )
        for row in made.operators:
            ran.setdefault(row["name"], set()).add(row["library"])
    assert [kind for kind in COVERED if "cmsisnn" not in ran[kind]] == []


@pytest.mark.parametrize("parameters", [4, 6, 7])
def test_kernel_sums_of_every_version_are_bit_exact(parameters: int, tmp_path: Path) -> None:
    folder = doubles.variant(
        tmp_path / "c", vector_sum=parameters, kernel_sums=True, connected_only=True
    )

    @given_layers(LAYERS["FULLY_CONNECTED"])
    def check(cases: list[LayerCase]) -> None:
        made = check_layers(
            cases, libraries=(CMSISNN,), features=("cmsisnn",), sources=lambda _: folder
        )
        assert {row["library"] for row in made.operators} == {"cmsisnn"}

    check()
