"""Convolutions that copy their image: which do, and that they are exact wherever a patch lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proofs import LEVEL, LEVELS
from shapes import ROWS_OF_WORDS

from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.testing import check_layers, given_layers

if TYPE_CHECKING:
    from pytest_mlbench.testing import LayerCase

pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")


def check(cases: list[LayerCase], optimize: str, runner: str, isa: str = "rv32imc") -> None:
    generated = check_layers(
        cases,
        libraries=(TunedLibrary(),),
        features=("tuned",),
        optimize=optimize,
        runner=runner,
        isa=isa,
    )
    kernels = [str(row["kernel"]) for row in generated.operators]
    if isa == "rv32imc":
        assert sum(name.startswith("conv2d_plane") for name in kernels) > len(cases) // 2


def test_no_sanitizer_complains_and_outputs_are_equal() -> None:
    @given_layers(ROWS_OF_WORDS, few=24)
    def run(cases: list[LayerCase]) -> None:
        check(cases, LEVEL["host"], "host")

    run()


@pytest.mark.spike
@pytest.mark.parametrize("isa", ["rv32imc", "rv64gc"])
def test_equals_tflm(isa: str) -> None:
    @given_layers(ROWS_OF_WORDS, few=24)
    def run(cases: list[LayerCase]) -> None:
        for level in LEVELS:
            check(cases, level, "spike", isa)

    run()
