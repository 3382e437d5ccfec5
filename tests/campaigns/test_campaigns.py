"""A short run of each campaign. The long ones are started by hand: `python -m campaigns`."""

from __future__ import annotations

import importlib

import pytest

from . import machines
from .tally import Tally

pytest.importorskip("tflite_micro", reason="needs tflite-micro")

pytestmark = pytest.mark.spike


@pytest.mark.parametrize(
    ("name", "count"),
    [
        *(("kills", 4), ("signals", 2), ("mutants", 200), ("built", 2)),
        *(("faults", 3), ("races", 1), ("remote", 1)),
    ],
)
def test_nothing_goes_wrong(name: str, count: int) -> None:
    tally = Tally(name)
    importlib.import_module(f"campaigns.{name}").campaign(tally, 20, 0, count)
    assert tally.tried == count
    assert not tally.wrong, str(tally)


def test_two_machines_without_a_shared_folder() -> None:
    """By ssh, one of them without a compiler, each of them without something else."""
    if why := machines.missing():
        pytest.skip(why)
    from . import remote

    tally = Tally("remote")
    remote.campaign(tally, 20, 2, 3)
    assert set(tally.outcomes) == set(remote.WAYS[2:5])
    assert not tally.wrong, str(tally)
