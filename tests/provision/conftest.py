from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from loopback import Site

from pytest_mlbench import progress
from pytest_mlbench.provision import toolchain
from pytest_mlbench.provision.cache import Cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """An empty cache."""
    return Cache(tmp_path / "cache")


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The progress lines of the test. On a busy machine a quick step takes long: it stays quiet
    for longer here."""
    monkeypatch.setattr(progress, "_pace", (30.0, 30.0))
    found: list[str] = []
    before = progress.set_sink(found.append)
    yield found
    progress.set_sink(before)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of the steps that the test takes, those too that are over before they say so."""
    taken: list[str] = []
    step = progress.step

    def noted(title: str) -> AbstractContextManager[progress.Step]:
        taken.append(title)
        return step(title)

    monkeypatch.setattr(progress, "step", noted)
    return taken


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A server on loopback that is not asked through a proxy."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    one = Site()
    yield one
    one.close()


@pytest.fixture(autouse=True)
def no_toolchain_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process looks for each compiler once; here each test does."""
    monkeypatch.setattr(toolchain, "_found", {})
