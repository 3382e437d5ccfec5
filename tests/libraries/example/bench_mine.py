"""The benchmark of a library's author, in full."""

from __future__ import annotations

import pytest


@pytest.mark.mlbench(models=["toycar_twin"], features=["_", "mine"])
def test_mine(mlbench):
    mlbench.run()
