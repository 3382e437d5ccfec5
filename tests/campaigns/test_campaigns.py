"""A short run of each campaign. The long ones are started by hand: `python -m campaigns`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import pytest

from . import machines
from .tally import Tally

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("tflite_micro", reason="needs tflite-micro")

pytestmark = pytest.mark.spike


@pytest.mark.parametrize(
    ("name", "count"),
    [
        *(("kills", 4), ("cache", 3), ("signals", 2), ("mutants", 200), ("built", 2)),
        *(("faults", 3), ("races", 1), ("remote", 1), ("layers", 1)),
    ],
)
def test_nothing_goes_wrong(name: str, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLBENCH_TEST_LAYERS", "10")
    tally = Tally(name)
    importlib.import_module(f"campaigns.{name}").campaign(tally, 20, 0, count)
    assert tally.tried == count
    assert not tally.wrong, str(tally)


def test_inputs_that_follow_the_coverage(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="needs atheris")
    from . import guided

    tally = Tally("guided")
    guided.campaign(tally, 20, 0, 300, tmp_path)
    assert tally.tried >= 300
    assert not tally.wrong, str(tally)


def test_two_machines_without_a_shared_folder() -> None:
    """Shards; workers by ssh; one machine without a compiler; each without something else."""
    if why := machines.missing():
        pytest.skip(why)
    from . import remote

    tally = Tally("remote")
    remote.campaign(tally, 20, 2, 4)
    assert set(tally.outcomes) == set(remote.WAYS[2:6])
    assert not tally.wrong, str(tally)
