from __future__ import annotations

import json
from typing import TYPE_CHECKING

import preloaded  # noqa: F401 (see there)
import pytest
import synthetic
import warm

from pytest_mlbench.measure import chain as pipeline

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.records.record import Record


CONFTEST = """
import json, os
from pathlib import Path
import pytest
from pytest_mlbench.measure import chain as pipeline
from pytest_mlbench.errors import Unavailable
from pytest_mlbench.records.record import Record
from pytest_mlbench.models.model import Model

HERE = Path(__file__).parent

def pytest_mlbench_models():
    return [Model(name=name, build=bytes) for name in ("alpha", "beta", "gamma")]

def record(self):
    rows = {row["case"]: row for row in json.loads((HERE / "measured.json").read_text())}
    row = rows[self.case.name]
    if row["outcome"] == "skipped":
        raise Unavailable(row["reason"])
    if row["reason"] == "crash":
        os._exit(3)
    return Record.from_dict(row)

pipeline.Chain.record = record
"""

TEST = """
def test_it(mlbench):
    mlbench.run()
"""


class Project:
    """A user's project whose measurements are made up: what is tested is what follows them."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        pytester.makeconftest(CONFTEST)
        pytester.makepyfile(test_models=TEST)
        self.baseline = pytester.path / "baseline.yaml"
        self.json = pytester.path / "out.json"
        self.measure(*(synthetic.record(name) for name in ("alpha", "beta", "gamma")))

    def measure(self, *records: Record) -> None:
        """What the next run will measure."""
        text = json.dumps([record.to_dict() for record in records])
        (self.pytester.path / "measured.json").write_text(text)

    def run(self, *arguments: str) -> pytest.RunResult:
        """A whole run with no more plugins than it needs; workers are processes of their own."""
        return self.pytester.runpytest_inprocess(
            *("-p", "no:benchmark"),
            *("-p", "no:hypothesispytest"),
            *[f"--mlbench-model={name}" for name in ("alpha", "beta", "gamma")],
            *arguments,
        )

    def gated(self, *arguments: str) -> pytest.RunResult:
        """A run against the baseline."""
        return self.run(f"--mlbench-baseline={self.baseline}", *arguments)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    """See `Project`."""
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    warm.workers(monkeypatch)
    monkeypatch.setattr(pipeline.Chain, "record", pipeline.Chain.record)  # CONFTEST replaces it
    return Project(pytester)


@pytest.fixture
def make() -> Callable[..., Record]:
    """`synthetic.record`."""
    return synthetic.record
