"""Networks of many kinds, built, simulated and checked: what their cycles go to.

pytest benchmarks/test_networks.py --mlbench-profile
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from networks import NETWORKS
from networks_that_move import NETWORKS as MOVING

if TYPE_CHECKING:
    from pytest_mlbench.plugin.benchmark import Bench


@pytest.mark.mlbench(models=[*NETWORKS, *MOVING], features=["tuned", "tuned,vext"], optimize=["3"])
def test_network(mlbench: Bench) -> None:
    """Every sample's outputs equal the reference's; `run` fails the test otherwise."""
    mlbench.run()
