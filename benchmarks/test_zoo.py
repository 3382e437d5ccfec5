"""MLPerf Tiny on bare-metal RISC-V: built, simulated, checked bit for bit, measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_mlbench.plugin.benchmark import Bench


@pytest.mark.mlbench(models=["aww", "resnet", "vww", "toycar"], optimize=["3", "s"])
def test_zoo(mlbench: Bench) -> None:
    """Every sample's outputs equal the reference's; `run` fails the test otherwise."""
    mlbench.run()
