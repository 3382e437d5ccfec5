"""A whole model on a real core: the smallest one here, always."""

from __future__ import annotations

import pytest
from cores import core_target

from pytest_mlbench.case import Case
from pytest_mlbench.measure.chain import Chain
from pytest_mlbench.measure.toolbox import Toolbox
from pytest_mlbench.settings import Settings

pytestmark = pytest.mark.spike


def test_a_model_of_the_zoo_on_a_small_core(toolbox, known):
    core_target("picorv32")  # skips where there is no model
    cache = toolbox.settings.cache
    case = Case("toycar_twin", "aot", ("tuned",), target="picorv32")

    chain = Chain(case, Toolbox(Settings(cache=cache, samples=2)), known)
    record = chain.record()

    assert record.outcome == "passed"
    assert record.validation["matched"] == record.validation["samples"] == 10
    assert len(chain.simulation.runs) == 2
    assert "picorv32: the cycles are those of the first 2 of 10 samples" in record.notes
    assert 4000 < record.metrics["run_millicycles_per_instruction"] < 7000
    on_spike = Case("toycar_twin", "aot", ("tuned",), isa="rv32imc")
    plain = Chain(on_spike, Toolbox(Settings(cache=cache, samples=2)), known).record()
    assert record.metrics["run_instructions"] == plain.metrics["run_instructions"]
