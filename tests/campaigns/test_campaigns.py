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
    ("name", "first", "count"),
    [
        # One in a new interpreter, one of a model of its own, one that is followed by a good run.
        ("kills", 23, 3),
        *(("cache", 1, 1), ("signals", 0, 2), ("mutants", 0, 200), ("built", 0, 2)),
        *(("faults", 0, 3), ("races", 0, 1), ("layers", 0, 1)),
    ],
)
def test_nothing_goes_wrong(
    name: str, first: int, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLBENCH_TEST_LAYERS", "10")
    monkeypatch.setenv("MLBENCH_TEST_AT_ONCE", "2")
    tally = Tally(name)
    importlib.import_module(f"campaigns.{name}").campaign(tally, 20, first, count)
    assert tally.tried == count
    assert not tally.wrong, str(tally)


def test_inputs_that_follow_the_coverage(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="needs atheris")
    from . import guided

    tally = Tally("guided")
    guided.campaign(tally, 20, 0, 300, tmp_path)
    assert tally.tried >= 300
    assert not tally.wrong, str(tally)


def test_workers_elsewhere_without_a_shared_folder() -> None:
    """On machines: shards, workers by ssh of which one has no simulator, workers by sockets that
    each lack something else. Where no machines can be made: workers in folders of their own."""
    from . import remote

    why = machines.missing()
    first, count = (0, 1) if why else (1, 3)
    tally = Tally("remote")
    remote.campaign(tally, 20, first, count)
    assert set(tally.outcomes) == set(remote.WAYS[first : first + count])
    assert not tally.wrong, str(tally)
    if why:
        pytest.skip(f"only workers in folders of their own were tried: {why}")
