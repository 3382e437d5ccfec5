"""Runs of pytest in a folder of their own, with a chain that needs no tools."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import preloaded  # noqa: F401 (see there)
import pytest
import warm

from pytest_mlbench.measure import chain as pipeline

if TYPE_CHECKING:
    from collections.abc import Callable

FAKE = Path(__file__).with_name("fake_chain.py")


@pytest.fixture
def bench(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A pytester whose runs know the models and features of `fake_chain`, and no environment."""
    for name in [name for name in os.environ if name.startswith("MLBENCH_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MLBENCH_CACHE", str(pytester.path / "cache"))
    monkeypatch.setenv("MLBENCH_OFFLINE", "1")
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    warm.workers(monkeypatch)
    monkeypatch.setattr(pipeline, "Chain", pipeline.Chain)  # the conftest replaces it
    pytester.makeconftest(FAKE.read_text(encoding="utf-8"))
    return pytester


@pytest.fixture
def run(bench: pytest.Pytester) -> Callable[..., pytest.RunResult]:
    """Run pytest in this process; workers, if asked for, are processes of their own."""

    def call(*arguments: str) -> pytest.RunResult:
        return bench.runpytest_inprocess(
            "-p", "no:benchmark", "-p", "no:hypothesispytest", *arguments
        )

    return call


@pytest.fixture
def records(
    run: Callable[..., pytest.RunResult], bench: pytest.Pytester
) -> Callable[..., dict[str, Any]]:
    """Run pytest and return the records of its JSON file by case."""

    def call(*arguments: str) -> dict[str, Any]:
        path = bench.path / "results.json"
        run("--mlbench-json", str(path), *arguments)
        rows = json.loads(path.read_text(encoding="utf-8"))["records"]
        return {row["case"]: row for row in rows}

    return call
