"""Imports the whole package, for runs of pytest inside a test.

pytester forgets what such a run imports. The next would import it again, and classes would exist
twice: a module that stayed loaded knows the first, one that is loaded anew the second. numpy cannot
be imported twice at all.
"""

from __future__ import annotations

import gc
import importlib
import pkgutil
from typing import TYPE_CHECKING

import pytest
import tabulate  # noqa: F401

import pytest_mlbench
from pytest_mlbench.builtin import registry

if TYPE_CHECKING:
    from collections.abc import Iterator

for module in pkgutil.walk_packages(pytest_mlbench.__path__, "pytest_mlbench."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
registry()


@pytest.fixture(autouse=True)
def little_garbage() -> Iterator[None]:
    """Each run of pytest collects garbage when it ends: only its own, not that of all tests."""
    gc.freeze()
    yield
    gc.unfreeze()
