"""A short run of each campaign. The long ones are started by hand: `python -m campaigns`."""

from __future__ import annotations

import importlib

import pytest

from .tally import Tally

pytest.importorskip("tflite_micro", reason="needs tflite-micro")

pytestmark = pytest.mark.spike


@pytest.mark.parametrize(
    ("name", "count"),
    [
        *(("kills", 4), ("signals", 2), ("mutants", 200), ("built", 2)),
        *(("faults", 3), ("races", 1), ("remote", 1), ("layers", 1)),
    ],
)
def test_nothing_goes_wrong(name: str, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLBENCH_TEST_LAYERS", "10")
    tally = Tally(name)
    importlib.import_module(f"campaigns.{name}").campaign(tally, 20, 0, count)
    assert tally.tried == count
    assert not tally.wrong, str(tally)
