"""The kernels for CORE-V SIMD on the CV32E40P itself, which alone knows the instructions.

A core is slow: few layers run here. The thousands run as C twins on the host
(test_tuned_layers.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cores import core_target
from shapes import ON_A_CORE, USUAL

from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.testing import LAYERS, THOROUGH, check_layers, given_layers

if TYPE_CHECKING:
    from pytest_mlbench.testing import LayerCase

pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")

KINDS = (
    "ADD",
    "AVERAGE_POOL_2D",
    "CONV_2D",
    "DEPTHWISE_CONV_2D",
    "FULLY_CONNECTED",
    "MAX_POOL_2D",
    "MEAN",
)
SETS = {
    **{f"any-{kind}": LAYERS[kind] for kind in KINDS},
    **{f"usual-{kind}": USUAL[kind] for kind in KINDS if kind in USUAL},
    **{f"words-{kind}": layers for kind, layers in ON_A_CORE.items()},
}
FEW = 40 if THOROUGH else 6


@pytest.mark.spike
@pytest.mark.kinds(sorted(SETS), at_once=6)
def test_outputs_equal_tflms(kinds: list[str]) -> None:
    core_target("cv32e40p")

    @given_layers(*(SETS[kind] for kind in kinds), few=FEW)
    def run(cases: list[LayerCase]) -> None:
        check_layers(
            cases,
            libraries=(TunedLibrary(),),
            features=("tuned", "xpulp"),
            isa="rv32imc_xpulp",
            optimize="3",
            runner="spike",
        )

    run()
