"""What tests share. Those marked `spike` provision the tools as a user's run would."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import warm_programs
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from warm import keep_what_is_loaded

from pytest_mlbench.builtin import registry
from pytest_mlbench.measure.toolbox import Toolbox
from pytest_mlbench.provision.cache import default_root
from pytest_mlbench.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mlbench.measure.registry import Registry

# Hypothesis reads all loaded modules for constants to draw. That takes seconds in each worker, and
# what is drawn would depend on the tests that ran before.
providers.HypothesisProvider._local_constants = Constants()  # type: ignore[misc,assignment]

keep_what_is_loaded()

# pytester gives its runs another HOME: name the cache, so that all use the one and same.
os.environ.setdefault("MLBENCH_CACHE", str(default_root()))


LONGEST = tuple(Path(__file__).parent / name for name in ("campaigns", "firmware/targets/cores"))
"""Folders with the longest tests. Begun last, one of them would go on while other workers have
nothing left to do; and campaigns wait more than they compute."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests first; all others in their order."""
    items.sort(key=lambda item: not any(map(item.path.is_relative_to, LONGEST)))


def pytest_collection_finish() -> None:
    """What is loaded now stays: no garbage collection need look through it again.

    With thousands of tests, looking through it takes more time than some of them. Each run of
    pytest inside a test collects garbage, too, when it ends.
    """
    gc.collect()
    keep_what_is_loaded()


@pytest.fixture(scope="session")
def toolbox() -> Toolbox:
    """Cache, fetcher and toolchains in the user's cache, or the one MLBENCH_CACHE names."""
    return Toolbox(Settings(cache=Path(os.environ["MLBENCH_CACHE"])))


@pytest.fixture(scope="session")
def known() -> Registry:
    """The built-in models, backends, kernel libraries and targets."""
    return registry()


@pytest.fixture(scope="session")
def warm() -> Iterator[warm_programs.Server]:
    """Writes programs that start without importing anything: for tests that run many commands."""
    with warm_programs.server() as server:
        yield server
