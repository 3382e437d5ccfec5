"""Spike's own options."""

from __future__ import annotations

from pytest_mlbench.options import Option

OPTIONS = (
    Option(
        "spike", "Spike simulator to use", "path", metavar="PATH", environment=True, machine=True
    ),
)
