"""Networks of many kinds, built, simulated and checked: what their cycles go to, and that more
features and longer vectors never take more of them (orderings.py).

pytest benchmarks/test_networks.py --mlbench-profile
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from networks import NETWORKS

if TYPE_CHECKING:
    from pytest_mlbench.plugin.benchmark import Bench


@pytest.mark.mlbench(
    models=[*NETWORKS],
    features=["tuned", "tuned,dext", "tuned,vext"],
    vlens=[128, 256, 512, 1024],
    optimize=["3"],
)
def test_network(mlbench: Bench) -> None:
    """Every sample's outputs equal the reference's; `run` fails the test otherwise."""
    mlbench.run()
