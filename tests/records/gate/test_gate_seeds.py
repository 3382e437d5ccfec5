"""Every seeded change is caught at tolerance 0 and attributed; the same code gives no alarm."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from seed_groups import groups
from seeds import SEEDS, Seed, SeededBackend, SeededTarget, model

from pytest_mlbench.case import Case
from pytest_mlbench.measure.chain import run_case
from pytest_mlbench.measure.toolbox import Toolbox
from pytest_mlbench.models.model import Model
from pytest_mlbench.records.gate import baseline
from pytest_mlbench.records.gate.compare import compare
from pytest_mlbench.records.gate.sentences import details, sentence
from pytest_mlbench.testing.profiles import THOROUGH

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_mlbench.measure.registry import Registry
    from pytest_mlbench.records.record import Record

pytestmark = pytest.mark.spike
CASE = Case("small", optimize="s")


def measure(seed: Seed | None, toolbox: Toolbox, known: Registry, folder: Path) -> Record:
    """The record of the small model with a seed's change, by a real build and run."""
    folder.mkdir(parents=True, exist_ok=True)
    data = (seed and seed.model) or model()
    registry = replace(
        known,
        models={"small": Model("small", build=functools.partial(bytes, data))},
        backends={"aot": SeededBackend(seed, folder)},
        targets={"spike": SeededTarget(seed=seed, folder=folder)},
    )
    fresh = Toolbox(replace(toolbox.settings, profile=True))
    record = run_case(CASE, fresh, registry)
    if record.outcome == "skipped":
        pytest.skip(record.reason)
    assert record.outcome == "passed", record.reason
    return record


@pytest.fixture(scope="module")
def before(toolbox: Toolbox, known: Registry, tmp_path_factory: pytest.TempPathFactory) -> Record:
    """The accepted state, as it comes out of the baseline file."""
    record = measure(None, toolbox, known, tmp_path_factory.mktemp("before"))
    (read,) = baseline.loads(baseline.dumps([record]), where="").values()
    return read


def test_there_are_at_least_twenty_seeds() -> None:
    assert len({seed.name for seed in SEEDS}) == len(SEEDS) >= 20


@pytest.mark.parametrize("seed", groups(), ids=lambda seed: seed.name.replace(" ", "_"))
def test_a_seeded_change_is_caught_and_attributed(
    seed: Seed, before: Record, toolbox: Toolbox, known: Registry, tmp_path: Path
) -> None:
    after = measure(seed, toolbox, known, tmp_path)
    found = compare(before, after)
    told = f"{sentence(found)}\n{details(found)}"
    assert found.state == seed.state, told
    for text in seed.expect:
        assert text in told


def test_the_same_code_gives_no_alarm(
    before: Record, toolbox: Toolbox, known: Registry, tmp_path: Path
) -> None:
    for count in range(100 if THOROUGH else 10):
        after = measure(None, toolbox, known, tmp_path / str(count))
        found = compare(before, after)
        assert found.state == "equal", f"run {count}: {sentence(found)}"
