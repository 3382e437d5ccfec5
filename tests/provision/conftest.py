from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from loopback import Site

from pytest_mlbench import progress
from pytest_mlbench.provision.cache import Cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """An empty cache."""
    return Cache(tmp_path / "cache")


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """The progress lines of the test."""
    found: list[str] = []
    before = progress.set_sink(found.append)
    yield found
    progress.set_sink(before)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A server on loopback that is not asked through a proxy."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    one = Site()
    yield one
    one.close()
