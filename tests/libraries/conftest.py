"""A toolbox whose sources are the doubles."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from libraries import doubles

from pytest_mlbench.errors import Unavailable
from pytest_mlbench.measure.toolbox import Toolbox
from pytest_mlbench.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from pytest_mlbench.records.record import Record


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The doubles by the names of the sources that they stand for."""
    folder = tmp_path_factory.mktemp("sources")
    return {
        "cmsisnn": doubles.variant(folder / "cmsis_nn"),
        "muriscvnn": doubles.muriscv_nn(folder / "muriscv_nn", kernel_sums=True),
        "tflite-micro": doubles.TFLM / "tflite-micro",
        "flatbuffers": doubles.TFLM / "flatbuffers",
        "gemmlowp": doubles.TFLM / "gemmlowp",
        "ruy": doubles.TFLM / "ruy",
    }


@pytest.fixture(scope="session")
def toolbox_with(sources: dict[str, Path]) -> Callable[..., Toolbox]:
    """A toolbox with these sources in the cache of the run; settings may be given.

    The same for the same settings, as in a run: it looks at its sources and compilers once."""
    cache = Path(os.environ["MLBENCH_CACHE"])
    made: dict[str, Toolbox] = {}

    def make(**settings: Any) -> Toolbox:
        wanted = Settings(**{"cache": cache, "sources": sources, "timeout": 300.0, **settings})
        return made.setdefault(repr(wanted), Toolbox(wanted))

    return make


@pytest.fixture(scope="session")
def passed() -> Callable[[Record], Record]:
    """Asserts that a record passed. A case that could not run here skips the test."""

    def check(record: Record) -> Record:
        if record.outcome == "skipped":
            pytest.skip(record.reason)
        assert record.outcome == "passed", record.reason
        assert record.validation["matched"] == record.validation["samples"] > 0
        return record

    return check


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """A test of the real chain is skipped where compiler or simulator are not to be had."""
    try:
        yield
    except Unavailable as error:
        if item.get_closest_marker("spike") is None:
            raise
        pytest.skip(str(error))
