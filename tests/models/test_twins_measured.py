"""Twins stand for their originals: within 1 % of the cycles and 64 bytes of code."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.case import Case
from pytest_mlbench.errors import Unavailable
from pytest_mlbench.measure.chain import Chain
from pytest_mlbench.measure.toolbox import Toolbox

if TYPE_CHECKING:
    from pytest_mlbench.measure.registry import Registry

pytestmark = pytest.mark.spike


@pytest.fixture(scope="module")
def originals(toolbox: Toolbox) -> Toolbox:
    """A toolbox that knows the mirror of the environment and takes no twin for an original."""
    settings = replace(
        toolbox.settings, mirror=os.environ.get("MLBENCH_MIRROR"), offline=True, strict=True
    )
    return Toolbox(settings)


@pytest.mark.parametrize("optimize", ["3", "s"])
@pytest.mark.parametrize("model", ["aww", "resnet", "vww", "toycar"])
def test_a_twin_costs_what_its_original_costs(
    model: str, optimize: str, toolbox: Toolbox, originals: Toolbox, known: Registry
) -> None:
    try:
        original = Chain(Case(model, optimize=optimize), originals, known)
        assert original.model.name == model
    except Unavailable as error:
        pytest.skip(str(error))
    twin = Chain(Case(f"{model}_twin", optimize=optimize), toolbox, known)
    theirs, ours = (chain.record().metrics for chain in (original, twin))
    assert abs(ours["run_cycles"] - theirs["run_cycles"]) <= theirs["run_cycles"] // 100
    assert abs(ours["rom_code"] - theirs["rom_code"]) <= 64
    assert ours["macs"] == theirs["macs"]
    assert ours["arena_peak"] == theirs["arena_peak"]
