"""`-p pytest_mlbench.plugin.bare`: one benchmark without a test file, for `mlbench run`.

Instead of the files in the folder, pytest collects one module that exists only in memory. Its path
is that of the folder, so that the `conftest.py` there is used.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from .benchmark import Benchmark

NAME = "mlbench"
"""The name of the module in node ids: `mlbench::run[aww-aot-_-O3]`."""


def run(mlbench: Benchmark) -> None:
    """Build, simulate, check and measure the case."""
    mlbench.run()


class Folder(pytest.Directory):
    """The folder that pytest was started in."""

    def collect(self) -> Iterable[pytest.Collector]:
        """The one module."""
        yield Bare.from_parent(self, path=self.path, nodeid=NAME)


class Bare(pytest.Module):
    """A module with one test function, `run`."""

    def _getobj(self) -> Any:
        return sys.modules[__name__]

    def collect(self) -> Iterable[pytest.Item]:
        """The function's cases."""
        yield from self._genfunctions("run", run)


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector:
    """Collect nothing from files."""
    return Folder.from_parent(parent, path=path)
