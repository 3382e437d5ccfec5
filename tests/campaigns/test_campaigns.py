"""A short run of each campaign. The long ones are started by hand: `python -m campaigns`."""

from __future__ import annotations

import importlib

import pytest

pytest.importorskip("tflite_micro", reason="needs tflite-micro")

pytestmark = pytest.mark.spike


@pytest.mark.parametrize(
    ("name", "count"),
    [("kill", 2), ("signals", 3), ("fuzz", 200), ("fault", 6), ("race", 1), ("remote", 2)],
)
def test_nothing_goes_wrong(name: str, count: int) -> None:
    tally = importlib.import_module(f"campaigns.{name}").campaign(20, count)
    assert tally.tried == count
    assert not tally.wrong, str(tally)
